/** The targets that are tried each second, for all who look. */
import type { ReachMatrix } from '../../../../server/features/reach/wire.ts'
import { tryEachSecond, type Answer } from '../../lib/api.ts'
import { live } from '../../lib/live.svelte.ts'

export const matrix = live.state<ReachMatrix>('reach')

/** As the server has it. */
export const mostTargets = 20

/** Those that are tried now, in the server's order; none where that isn't told yet. */
export const triedTargets = (): string[] => matrix.latest?.targets.map(({ target }) => target) ?? []

/** Tries one more. */
export function addTarget(target: string): Promise<Answer<ReachMatrix>> {
  const tried = triedTargets()
  return tryEachSecond(tried.includes(target) ? tried : [...tried, target])
}

export const removeTarget = (target: string): Promise<Answer<ReachMatrix>> =>
  tryEachSecond(triedTargets().filter((other) => other !== target))
