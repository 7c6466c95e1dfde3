/** A concept as a path: every command in its order, from what is fetched to the end. */
import type { Step } from '../../../../server/features/manifests/wire.ts'
import type { ShownConcept } from './arrange.ts'
import { applyAll, deleteAll, fetchCommand, pathsToFetch, type Basis } from '../../lib/manifest-commands.ts'

/** One of the numbered steps. */
export interface PathStep {
  /** From 1. */
  readonly number: number
  /** What it is for, where the command alone doesn't say it. */
  readonly title: string | null
  /** To be pasted one after the other. */
  readonly commands: readonly string[]
  /** What the book's command is, with all that there is to see; null for what surrounds those. */
  readonly step: Step | null
  /** For one that stays: the number of the step after which it is ended; null for the concept's last. */
  readonly until: number | null
  /** Whether something that stays goes on beside the next step. */
  readonly reachesOn: boolean
}

/** @param basis of its chapter */
export function pathOf(concept: ShownConcept, basis: Basis): PathStep[] {
  const { apply, steps, cleanup } = concept
  const fetched = pathsToFetch(concept)
  const before = [
    ...(fetched.length > 0
      ? [
          {
            title: 'Fetch what the commands name, in a folder for this chapter',
            commands: [fetchCommand(fetched, basis)],
          },
        ]
      : []),
    ...(apply.length > 0 ? [{ title: 'Apply', commands: [applyAll(apply, basis)] }] : []),
  ]
  const ending = [...cleanup.run, ...(cleanup.delete.length > 0 ? [deleteAll(cleanup.delete, basis)] : [])]
  const lastOf = before.length + steps.length
  const path = [
    ...before.map((one) => ({ ...one, step: null, until: null })),
    ...steps.map((step, index) => ({
      title: null,
      commands: [step.run],
      step,
      until: step.beside === null ? null : Math.min(before.length + index + 1 + step.beside, lastOf),
    })),
    ...(ending.length > 0 ? [{ title: 'Clean up', commands: ending, step: null, until: null }] : []),
  ]
  /** The number of the last step beside those that stay, so far. */
  let reach = 0
  return path.map((one, index) => {
    const number = index + 1
    if (one.step?.stays === true) reach = Math.max(reach, one.until ?? lastOf)
    return { ...one, number, reachesOn: number < reach }
  })
}
