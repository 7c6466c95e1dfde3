/** What a plot shows, and how its axes are divided: everything about it that can be said without a canvas. */
import { formatBytes, formatNumber } from '../lib/format.ts'

/** One line. */
export interface Series {
  /** Such as "heap". */
  readonly name: string
  /** One for each of the plot's times; null where it isn't known. */
  readonly values: readonly (number | null)[]
}

/** What the values count. */
export type Unit = 'bytes' | 'count'

/** A value that a line should stay below, or is to reach. */
export interface Limit {
  readonly kind: 'danger' | 'goal'
  readonly value: number
  /** At the line, such as "limit 200 MiB". */
  readonly words: string
}

/** A plot as it is drawn. */
export interface Picture {
  /** In milliseconds since 1970, ascending. */
  readonly times: readonly number[]
  readonly series: readonly Series[]
  readonly unit: Unit
  readonly limit: Limit | undefined
  /** The times at its left and right edge. */
  readonly start: number
  readonly end: number
  /** The value at the top edge; the bottom is 0. */
  readonly top: number
  /** The values that are marked, from 0. */
  readonly ticks: readonly number[]
}

/** Lines are told apart by their strokes too; the first is the one that the page is about. */
export const strokes = [
  { colour: '--accent', width: 2, dash: [] },
  { colour: '--text', width: 1.5, dash: [8, 4] },
  { colour: '--muted', width: 1.5, dash: [2, 3] },
] as const

/** The lengths that a plot's window has, in milliseconds: the shortest that holds everything. */
const windows = [60_000, 120_000, 300_000]

/** What a plot is made of. */
export interface Source extends Omit<Picture, 'start' | 'top' | 'ticks'> {
  /** Between samples further apart the line is broken, in milliseconds. */
  readonly gapMs: number
}

/** Sets the edges, and breaks the lines where nothing is known. */
export function pictureOf({ gapMs, ...source }: Source): Picture {
  const { limit, end, unit } = source
  const { times, series } = withGaps(source.times, source.series, gapMs)
  const age = end - (times[0] ?? end)
  const length = windows.find((length) => length >= age) ?? windows.at(-1) ?? age
  const highest = Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)))
  return { times, series, unit, limit, end, start: end - length, ...valueAxis(highest, limit, unit) }
}

/** Puts a time without values into each gap. */
function withGaps(
  times: readonly number[],
  series: readonly Series[],
  gapMs: number,
): Pick<Picture, 'times' | 'series'> {
  const isGap = (index: number): boolean => (times[index] ?? 0) - (times[index - 1] ?? Infinity) > gapMs
  const spread = <Value>(values: readonly Value[], between: (index: number) => Value): Value[] =>
    values.flatMap((value, index) => (isGap(index) ? [between(index), value] : [value]))
  return {
    times: spread(times, (index) => ((times[index - 1] ?? 0) + (times[index] ?? 0)) / 2),
    series: series.map(({ name, values }) => ({ name, values: spread<number | null>(values, () => null) })),
  }
}

/** The samples that no line can be drawn to. */
export const lonely = (values: readonly (number | null | undefined)[]): number[] =>
  [...values.keys()].filter(
    (index) => values[index] != null && values[index - 1] == null && values[index + 1] == null,
  )

/** A limit so many times higher than the line is left outside: the line would lie on the ground. */
const farAway = 8

/** An axis that everything is below, with room above for the limit's words. */
function valueAxis(highest: number, limit: Limit | undefined, unit: Unit): Pick<Picture, 'top' | 'ticks'> {
  const near = limit !== undefined && limit.value <= Math.max(highest, 1) * farAway
  const needed = Math.max(highest * 1.05, near ? limit.value * 1.15 : 0, unit === 'bytes' ? 1024 : 4)
  const step = stepFor(needed / 5, unit)
  // In quarters, so that it doesn't move with every sample.
  const top = Math.ceil((4 * needed) / step) * (step / 4)
  return { top, ticks: Array.from({ length: Math.floor(top / step) + 1 }, (_, index) => index * step) }
}

/** A round number near another: a power of two for bytes, else 1, 2 or 5 with zeros. */
function stepFor(near: number, unit: Unit): number {
  if (unit === 'bytes') return 2 ** Math.round(Math.log2(near))
  const power = 10 ** Math.floor(Math.log10(Math.max(near, 1)))
  return power * ([1, 2, 5].find((factor) => factor * power >= near) ?? 10)
}

/** With its unit, to three figures. */
export const valueText = (value: number | null | undefined, unit: Unit): string =>
  value == null ? 'not known' : unit === 'bytes' ? formatBytes(value) : formatNumber(value)

/** A tick's value, exact. */
export function tickText(value: number, unit: Unit): string {
  if (unit === 'count' || value === 0) return formatNumber(value)
  const power = Math.floor(Math.log2(value) / 10)
  const name = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'][power] ?? ''
  return `${(value / 1024 ** power).toLocaleString('en', { maximumFractionDigits: 3 })} ${name}`
}

/** Some times before the end, such as "−2 min", and the end itself. */
export function timeTicks({ start, end }: Pick<Picture, 'start' | 'end'>): number[] {
  const step = (end - start) / (end - start > 120_000 ? 5 : 4)
  return Array.from({ length: Math.round((end - start) / step) + 1 }, (_, index) => start + index * step)
}

/** A time on the axis. @param age before its end, in milliseconds */
export function ageText(age: number): string {
  const seconds = Math.round(age / 1000)
  if (seconds === 0) return 'now'
  return seconds % 60 === 0 ? `−${String(seconds / 60)} min` : `−${String(seconds)} s`
}

/** The sample nearest to a time, left of it or right, that has a value. */
export function nearest({ times, series }: Picture, time: number): number | undefined {
  let best: number | undefined
  const distance = (index: number) => Math.abs((times[index] ?? Infinity) - time)
  for (const index of times.keys()) {
    const isKnown = series.some(({ values }) => values[index] != null)
    if (isKnown && (best === undefined || distance(index) < distance(best))) best = index
  }
  return best
}
