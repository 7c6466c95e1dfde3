/** The field that lets containers see each other’s processes. */
import type { Sharing } from '../../../../../server/features/container/wire.ts'
import { noted } from '../yaml.ts'
import { pod } from './pod.ts'

/** shareProcessNamespace. */
export const sharingFields = ({ sharesProcesses }: Sharing): string =>
  pod({
    shareProcessNamespace:
      sharesProcesses === null
        ? noted(true, 'or false, as by default: from here that can’t be told')
        : sharesProcesses || noted(false, 'as by default'),
  })
