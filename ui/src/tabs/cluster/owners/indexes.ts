/** The indexes of an Indexed Job, of which Kubernetes writes sets such as `0,2-4`. */
import type { Job, Pod } from '../../../../../server/features/cluster/wire.ts'
import { hasEnded } from '../pod-state.ts'

/** From the first to the last, both counted. */
export type Span = readonly [first: number, last: number]

/** What has become of an index. */
export type IndexState = 'waiting' | 'active' | 'complete' | 'failed'

/** The indexes of a Job, each in one of these. */
export type Indexes = Readonly<Record<IndexState, readonly Span[]>>

/** One cell of the grid: an index or, where there are many, some that follow each other. */
export interface Cell {
  readonly span: Span
  /** The one that matters most of those that it has. */
  readonly state: IndexState
  /** How many are in which state. */
  readonly counts: Readonly<Record<IndexState, number>>
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#batch-kubernetes-io-job-completion-index */
const indexLabel = 'batch.kubernetes.io/job-completion-index'

/** The index that a pod of an Indexed Job works on. */
export function indexOf({ labels }: Pod): number | undefined {
  const text = labels?.[indexLabel]
  return text === undefined ? undefined : Number(text)
}

/** @param text such as `0,2-4`; empty for none */
export function spansOf(text: string | undefined): readonly Span[] {
  if (!text) return []
  return text.split(',').map((part) => {
    const [first = '', last = first] = part.split('-')
    return [Number(first), Number(last)]
  })
}

/** Such as `0, 2–4`; `none` without any. */
export const spanWords = (spans: readonly Span[]): string =>
  spans.length === 0
    ? 'none'
    : spans.map(([first, last]) => (first === last ? String(first) : `${first}–${last}`)).join(', ')

export const sizeOf = (spans: readonly Span[]): number =>
  spans.reduce((sum, [first, last]) => sum + last - first + 1, 0)

/** Numbers in any order, those that follow each other as one span. */
function joined(numbers: readonly number[]): readonly Span[] {
  const spans: [number, number][] = []
  for (const number of [...new Set(numbers)].sort((one, other) => one - other)) {
    const latest = spans.at(-1)
    if (latest?.[1] === number - 1) latest[1] = number
    else spans.push([number, number])
  }
  return spans
}

/**
 * What has become of each index.
 * @param pods of the Job: one that has not ended works on its index
 */
export function indexesOf(job: Job, pods: readonly Pod[]): Indexes {
  const [complete, failed] = [spansOf(job.completedIndexes), spansOf(job.failedIndexes)]
  const over = [...complete, ...failed]
  const isOver = (index: number): boolean => over.some(([first, last]) => index >= first && index <= last)
  const active = pods
    .filter((pod) => !hasEnded(pod))
    .flatMap((pod) => indexOf(pod) ?? [])
    .filter((index) => !isOver(index))
  const taken = [...over, ...joined(active)]
  return { complete, failed, active: joined(active), waiting: restOf(taken, job.completions ?? 0) }
}

/** What of 0 to `end`, not counted, is in none of the spans. */
function restOf(spans: readonly Span[], end: number): readonly Span[] {
  const rest: Span[] = []
  let next = 0
  for (const [first, last] of spans.toSorted(([one], [other]) => one - other)) {
    if (first > next) rest.push([next, first - 1])
    next = Math.max(next, last + 1)
  }
  return next < end ? [...rest, [next, end - 1]] : rest
}

/** What is told of a cell first, if it has some. */
const weight: readonly IndexState[] = ['failed', 'active', 'waiting', 'complete']

/**
 * The grid of a Job's indexes.
 * @param completions how many indexes there are
 * @param most how many cells there may be; with more indexes, a cell has several
 */
export function cellsOf(indexes: Indexes, completions: number, most: number): readonly Cell[] {
  const length = Math.max(1, Math.ceil(completions / most))
  return Array.from({ length: Math.ceil(completions / length) }, (_, position) => {
    const span: Span = [position * length, Math.min((position + 1) * length, completions) - 1]
    const inside = (state: IndexState): number => shared(indexes[state], span)
    const counts = {
      waiting: inside('waiting'),
      active: inside('active'),
      complete: inside('complete'),
      failed: inside('failed'),
    }
    return { span, counts, state: weight.find((state) => counts[state] > 0) ?? 'waiting' }
  })
}

/** How many of the spans' numbers are in this one. */
const shared = (spans: readonly Span[], [from, to]: Span): number =>
  spans.reduce((sum, [first, last]) => sum + Math.max(0, Math.min(last, to) - Math.max(first, from) + 1), 0)
