/** A Deployment over the last few minutes: what there was of each of its revisions, from one change to the next. */
import type { DeploymentFigures, RevisionFigures } from '../figures.ts'
import { recent, valueAt, type Span, type SpansByKey } from '../spans.ts'
import { versionOfImages } from '../version.ts'
import { boundsOf, type Bounds } from './bounds.ts'

/** The pods of one revision at one time. */
export interface Part {
  /** Of the revision. */
  readonly key: string
  readonly ready: number
  /** Those that are there and not ready. */
  readonly waiting: number
}

/** What was so from one time to another; both in milliseconds since 1970. */
export interface Moment {
  readonly start: number
  readonly end: number
  /** In the order of the revisions, oldest first; none where nothing is known. */
  readonly parts: readonly Part[]
  /** Undefined where nothing is known. */
  readonly bounds: Bounds | undefined
  readonly isPaused: boolean
}

/** One revision as it is drawn. */
export interface Revision {
  readonly key: string
  /** The uid of its ReplicaSet, which has another number after it is gone back to. */
  readonly set: string
  /** Such as `revision 3, green`. */
  readonly name: string
  readonly number: number
  /** As CSS has it. */
  readonly colour: string
}

/** What is remembered of one Deployment. */
export interface Remembered {
  readonly deployment: readonly Span<DeploymentFigures>[]
  /** Of all ReplicaSets, by uid. */
  readonly sets: SpansByKey<RevisionFigures>
  /** The uid of the Deployment. */
  readonly uid: string
}

/** Those that had pods in the last few minutes, oldest first. @param now in milliseconds since 1970 */
export function revisionsOf({ sets, uid }: Pick<Remembered, 'sets' | 'uid'>, now: number): Revision[] {
  const found = [...sets].flatMap(([set, spans]) => {
    const figures = recent(spans, now).flatMap(({ value }) => (value.deployment === uid ? value : []))
    const populated = figures.filter(({ current }) => current > 0)
    return [...new Map(populated.map((value) => [value.revision ?? 0, value]))].map(
      ([number, { images }]): Revision => {
        const { colour, word } = versionOfImages(images) ?? { colour: 'var(--edge)', word: '' }
        const key = `${set}/${String(number)}`
        return { key, set, number, colour, name: `revision ${String(number)}, ${word}` }
      },
    )
  })
  return found.sort((one, other) => one.number - other.number)
}

/**
 * Cuts the time at each change.
 * @param revisions those that are drawn, oldest first
 * @param edge when it ends, in milliseconds since 1970
 * @returns oldest first
 */
export function momentsOf(
  { deployment, sets }: Remembered,
  revisions: readonly Revision[],
  edge: number,
): Moment[] {
  const all: (readonly Span<unknown>[])[] = [deployment, ...revisions.map(({ set }) => sets.get(set) ?? [])]
  const times = all.flatMap((spans) => recent(spans, edge).flatMap(({ start, end = edge }) => [start, end]))
  const cuts = [...new Set(times)].filter((time) => time <= edge).sort((one, other) => one - other)
  return cuts.slice(0, -1).map((start, index) => {
    const figures = valueAt(deployment, start)
    return {
      start,
      end: cuts[index + 1] ?? edge,
      parts: revisions.flatMap((revision) => partOf(revision, valueAt(sets.get(revision.set) ?? [], start))),
      bounds: figures && boundsOf(figures),
      isPaused: figures?.paused === true,
    }
  })
}

/** What is ready was counted with what is there, but told a moment later. */
function partOf({ key, number }: Revision, figures: RevisionFigures | undefined): Part[] {
  if (!figures || (figures.revision ?? 0) !== number) return []
  const { current, ready } = figures
  return [{ key, ready: Math.min(ready, current), waiting: Math.max(0, current - ready) }]
}

/** When something changed last, in milliseconds since 1970; 0 where nothing is known. */
export function newestIn({ deployment, sets }: Remembered): number {
  const last = [deployment, ...sets.values()].map((spans) => spans.at(-1))
  return last.reduce((newest, span) => Math.max(newest, span?.end ?? span?.start ?? 0), 0)
}

/** The most that a moment has to show. */
export const heightOf = ({ parts, bounds }: Moment): number =>
  Math.max(
    bounds?.most ?? 0,
    parts.reduce((sum, { ready, waiting }) => sum + ready + waiting, 0),
  )

/** In words, such as `desired 3, at most 4, at least 3; revision 1, blue: 2 ready, 0 not ready`. */
export function momentWords({ parts, bounds, isPaused }: Moment, revisions: readonly Revision[]): string {
  const counts = parts.map(({ key, ready, waiting }) => {
    const name = revisions.find((revision) => revision.key === key)?.name ?? ''
    return `${name}: ${String(ready)} ready, ${String(waiting)} not ready`
  })
  const lines = bounds
    ? `desired ${String(bounds.desired)}, at most ${String(bounds.most)}, at least ${String(bounds.least)}${isPaused ? ', paused' : ''}`
    : 'not known'
  return [lines, ...counts].join('; ')
}
