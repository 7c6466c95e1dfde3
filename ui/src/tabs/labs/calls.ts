/** The calls of labs. */
import type { Lab, LabList } from '../../../../server/features/labs/wire.ts'
import { ask } from '../../lib/api.ts'

export const listLabs = () => ask<LabList>('GET', 'labs/')

export const readLab = (id: string) => ask<Lab>('GET', `labs/${encodeURIComponent(id)}`)
