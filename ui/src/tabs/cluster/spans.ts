/** What was so from when to when, over the last few minutes; between two spans it was not so, or nobody knows. */
import { maxEntries, spanMs } from '../../lib/trail.ts'

/** A time in which one value stood; all times are in milliseconds since 1970. */
export interface Span<Value> {
  readonly value: Value
  readonly start: number
  /** Left out while it still is so. */
  readonly end?: number
}

/** The spans of each thing, by what tells it apart; oldest first. */
export type SpansByKey<Value> = ReadonlyMap<string, readonly Span<Value>[]>
export const noSpans: SpansByKey<never> = new Map<string, never>()

/**
 * Goes on with what there is at a time, and with nothing else; what ended longer ago than spans reach is left out.
 * @param values by their keys
 */
export function withValues<Value>(
  before: SpansByKey<Value>,
  values: readonly (readonly [key: string, value: Value])[],
  time: number,
): SpansByKey<Value> {
  const now = new Map(values)
  const after = new Map<string, readonly Span<Value>[]>()
  for (const key of new Set([...before.keys(), ...now.keys()])) {
    const spans = withValue(before.get(key) ?? [], now.get(key), time)
    if (recent(spans, time).length > 0) after.set(key, spans)
  }
  return after
}

/**
 * Goes on with a value.
 * @param spans oldest first, of values that JSON can tell apart
 * @param value from this time on; undefined if there is none, or if it isn't known any longer
 * @returns the same array where nothing has changed
 */
export function withValue<Value>(
  spans: readonly Span<Value>[],
  value: Value | undefined,
  time: number,
): readonly Span<Value>[] {
  const last = spans.at(-1)
  const open = last?.end === undefined ? last : undefined
  if (JSON.stringify(open?.value) === JSON.stringify(value)) return spans
  // A clock that was put right may have gone back.
  const ended = open ? [...spans.slice(0, -1), { ...open, end: Math.max(time, open.start) }] : spans
  const news = value === undefined ? [] : [{ value, start: time }]
  return [...recent(ended, time), ...news].slice(-maxEntries)
}

/** Those of which a part is in the last few minutes. @param now in milliseconds since 1970 */
export const recent = <Value>(spans: readonly Span<Value>[], now: number): readonly Span<Value>[] =>
  spans.filter(({ end = now }) => end > now - spanMs)

/** What was so at a time; undefined if nothing is known of it. */
export const valueAt = <Value>(spans: readonly Span<Value>[], time: number): Value | undefined =>
  spans.findLast(({ start, end = Infinity }) => start <= time && time < end)?.value
