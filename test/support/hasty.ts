/** A server whose long timers run out soon. */
import { join } from 'node:path'
import type { StartOptions } from './kuard.ts'

/**
 * @param fromMs shorter timers take their time
 * @param by how many times as fast the others run
 */
export const hasty = (fromMs: number, by: number): Pick<StartOptions, 'nodeArgs' | 'env'> => ({
  nodeArgs: ['--import', join(import.meta.dirname, 'hasty-preload.ts')],
  env: { HASTE_FROM_MS: String(fromMs), HASTE_BY: String(by) },
})
