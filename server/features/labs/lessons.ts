/** What labs need of the chapters, from whoever has them: no feature knows another. */
import type { See } from '../../conditions/condition.ts'
import type { LabSight } from './wire.ts'

/** What a concept's step says to tests; of what is none of a lab's, that there is something. */
type Expected =
  | { readonly output: string }
  | { readonly beside: string }
  | { readonly object: string }
  | { readonly get: string; readonly matches: string; readonly says?: string }
  | (See & { readonly within?: number })

/** A command of a concept. */
export interface TaughtStep {
  readonly id: string | null
  readonly run: string
  readonly stays: boolean
  /** How many of the next ones run while it stays; null for all that are left. */
  readonly beside: number | null
  readonly type: readonly string[]
  readonly again: boolean
  readonly fails: boolean
  readonly page: readonly LabSight[]
  readonly kubectl: string | null
  readonly files: readonly string[]
  readonly expect: readonly Expected[]
}

/** A concept: the files to apply, the commands, and what ends it. */
export interface TaughtConcept {
  readonly id: string
  readonly apply: readonly string[]
  readonly steps: readonly TaughtStep[]
  readonly cleanup: { readonly run: readonly string[]; readonly delete: readonly string[] }
}

/** A chapter of the book. */
export interface TaughtChapter {
  readonly folder: string
  readonly number: number
  readonly concepts: readonly TaughtConcept[]
}

/** Whoever has the chapters, which the app hands to labs. */
export interface Lessons {
  /** @throws Error where there are none */
  chapters(): Promise<readonly TaughtChapter[]>
}
