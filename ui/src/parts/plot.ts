/** What a plot shows, and how its axes are divided: everything about it that can be said without a canvas. */
import { formatBytes, formatNumber, formatTime } from '../lib/format.ts'
import { formatMilliseconds } from '../lib/milliseconds.ts'

/** What was known at one time. */
export interface Sample {
  /** In milliseconds since 1970. */
  readonly time: number
  /** By the line's name, such as "heap"; left out or null where it isn't known. */
  readonly values: Readonly<Record<string, number | null>>
}

/** What the samples have under one name. */
export interface Line {
  readonly name: string
  /** Its place among the strokes; it keeps that for as long as it is there. */
  readonly stroke: number
  /** One for each of the plot's times; null where it isn't known. */
  readonly values: readonly (number | null)[]
}

/** What the values count. Thousandths are of cores, and of whatever else Kubernetes counts so: 500m is a half. */
export type Unit = 'bytes' | 'count' | 'milliseconds' | 'percent' | 'thousandths'

/** What lies on another in a plot whose values add up. */
export interface Layer {
  /** The line's name. */
  readonly name: string
  /** As CSS has it. */
  readonly colour: string
  /** Whether it is told from the others by more than its colour. */
  readonly isHatched?: boolean
}

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
  readonly lines: readonly Line[]
  readonly unit: Unit
  /** Whether each value stays until the next one; else the way between them is drawn. */
  readonly isStepped: boolean
  readonly limit: Limit | undefined
  /** The lines add up, and are areas that lie on one another in this order; undefined where each stands on the ground. */
  readonly layers: readonly Layer[] | undefined
  /** The times at its left and right edge. */
  readonly start: number
  readonly end: number
  /** Whether that is now; false where it all ended some time ago, or nothing is heard any more. */
  readonly isNow: boolean
  /** From one mark of the time axis to the next, in milliseconds. */
  readonly timeStep: number
  /** Whether a tenfold is as high everywhere; else each unit is. */
  readonly isLogarithmic: boolean
  /** The value at the bottom edge: 0, but where it is logarithmic. */
  readonly bottom: number
  /** The value at the top edge. */
  readonly top: number
  /** The values that are marked, ascending. */
  readonly ticks: readonly number[]
}

/** Lines are told apart by more than colour; the first is the one that the page is about, the fifth looks like it again. */
export const strokes = [
  { colour: '--accent', width: 2, dash: [] },
  { colour: '--text', width: 1.5, dash: [8, 4] },
  { colour: '--muted', width: 1.5, dash: [2, 3] },
  { colour: '--edge', width: 1, dash: [] },
] as const

/** The windows that a plot has, in milliseconds: the shortest that holds everything. */
const windows = [
  { length: 10_000, timeStep: 2_000 },
  { length: 30_000, timeStep: 10_000 },
  { length: 60_000, timeStep: 15_000 },
  { length: 120_000, timeStep: 30_000 },
] as const
const longest = { length: 300_000, timeStep: 60_000 } as const

/** How much time a plot shows, and from one mark of its axis to the next. @param age of what is shown; all in milliseconds */
export const windowOf = (age: number): { readonly length: number; readonly timeStep: number } =>
  windows.find(({ length }) => length >= age) ?? longest

/** What a plot is made of. */
export interface Source extends Pick<Picture, 'unit' | 'isStepped' | 'limit' | 'end' | 'isNow'> {
  /** Oldest first. */
  readonly samples: readonly Sample[]
  /** Between samples further apart the line is broken, in milliseconds. */
  readonly gapMs: number
  /** If the values add up. */
  readonly layers?: Picture['layers']
  readonly isLogarithmic?: boolean
}

/**
 * Sets the edges, and breaks the lines where nothing is known.
 * @param before what was shown until now, whose lines keep their strokes
 */
export function pictureOf(
  { gapMs, unit, isStepped, limit, layers, isLogarithmic = false, end, isNow, ...source }: Source,
  before?: Picture,
): Picture {
  const samples = withGaps(source.samples, gapMs)
  const lines = layers ? linesOfLayers(samples, layers) : linesOf(samples, before?.lines ?? [])
  const age = end - (samples[0]?.time ?? end)
  const { length, timeStep } = windowOf(age)
  const tops = layers ? heights(lines).slice(-1) : lines.map(({ values }) => values)
  const highest = tops.flat().reduce<number>(greater, 0)
  const lowest = (): number => tops.flat().reduce<number>(lower, highest)
  return {
    times: samples.map(({ time }) => time),
    lines,
    ...{ unit, isStepped, limit, layers },
    ...{ start: end - length, end, isNow, timeStep, isLogarithmic },
    ...(isLogarithmic
      ? logarithmicAxis(lowest(), highest)
      : { bottom: 0, ...valueAxis(highest, limit, unit) }),
  }
}

const greater = (one: number, other: number | null): number => Math.max(one, other ?? 0)
const lower = (one: number, other: number | null): number => Math.min(one, other ?? Infinity)

/** Puts a sample of nothing into each gap. */
const withGaps = (samples: readonly Sample[], gapMs: number): Sample[] =>
  samples.flatMap((sample, index) => {
    const before = samples[index - 1]?.time ?? sample.time
    return sample.time - before > gapMs
      ? [{ time: (before + sample.time) / 2, values: {} }, sample]
      : [sample]
  })

/** What any of the samples has a value of is a line; a new one takes the first stroke that is free. */
function linesOf(samples: readonly Sample[], before: readonly Line[]): Line[] {
  const isKnown = (name: string): boolean => samples.some(({ values }) => values[name] != null)
  const names = [...new Set(samples.flatMap(({ values }) => Object.keys(values)))].filter(isKnown)
  const taken = new Map(
    before.filter(({ name }) => names.includes(name)).map(({ name, stroke }) => [name, stroke]),
  )
  const strokeOf = (name: string): number => {
    const held = new Set(taken.values())
    const stroke = taken.get(name) ?? [...names.keys()].find((free) => !held.has(free)) ?? 0
    taken.set(name, stroke)
    return stroke
  }
  return names
    .map((name) => ({
      name,
      stroke: strokeOf(name),
      values: samples.map(({ values }) => values[name] ?? null),
    }))
    .sort((one, other) => one.stroke - other.stroke)
}

/** A line for each layer, whatever is known of it. */
const linesOfLayers = (samples: readonly Sample[], layers: readonly Layer[]): Line[] =>
  layers.map(({ name }, stroke) => ({
    name,
    stroke,
    values: samples.map(({ values }) => values[name] ?? null),
  }))

/** Where each of the lines ends that lie on one another; null where nothing is known of it. */
export function heights(lines: readonly Line[]): (number | null)[][] {
  const sums: number[] = []
  return lines.map(({ values }) =>
    values.map((value, index) => {
      if (value === null) return null
      return (sums[index] = (sums[index] ?? 0) + value)
    }),
  )
}

/** How a line is drawn. */
export const strokeAt = (place: number): (typeof strokes)[number] =>
  strokes[place % strokes.length] ?? strokes[0]

/** The samples that no line can be drawn to. */
export const lonely = (values: readonly (number | null | undefined)[]): number[] =>
  [...values.keys()].filter(
    (index) => values[index] != null && values[index - 1] == null && values[index + 1] == null,
  )

/** A limit so many times higher than the line is left outside: the line would lie on the ground. */
const farAway = 8

/** An axis that everything is below, with room above for the limit's words. */
export function valueAxis(
  highest: number,
  limit: Limit | undefined,
  unit: Unit,
): Pick<Picture, 'top' | 'ticks'> {
  const near = limit !== undefined && limit.value <= Math.max(highest, 1) * farAway
  const needed = Math.max(highest * 1.05, near ? limit.value * 1.15 : 0, unit === 'bytes' ? 1024 : 4)
  const step = stepFor(needed / 5, unit)
  // In quarters, so that it doesn't move with every sample.
  const top = Math.ceil((4 * needed) / step) * (step / 4)
  return { top, ticks: Array.from({ length: Math.floor(top / step) + 1 }, (_, index) => index * step) }
}

/** The values of an axis that has so many powers of ten are marked by 1, 2 and 5 of each; of more, by 1 alone. */
const fewPowers = 2.5

/** An axis between two of 1, 2, 5, 10, 20 and so on. @param lowest above 0, as `highest` is */
export function logarithmicAxis(lowest: number, highest: number): Pick<Picture, 'bottom' | 'top' | 'ticks'> {
  const power = Math.floor(Math.log10(Math.max(lowest, 0.001)))
  const powers = Math.ceil(Math.log10(Math.max(highest, 0.001))) - power + 1
  const round = Array.from({ length: powers }, (_, index) =>
    [1, 2, 5].map((factor) => Number(`${String(factor)}e${String(power + index)}`)),
  ).flat()
  const bottom = round.findLast((value) => value <= lowest) ?? round[0] ?? 1
  const top = round.find((value) => value >= highest && value > bottom) ?? 10 * bottom
  const within = round.filter((value) => value >= bottom && value <= top)
  const isPower = (value: number): boolean => Number.isInteger(Math.round(1e6 * Math.log10(value)) / 1e6)
  return { bottom, top, ticks: Math.log10(top / bottom) > fewPowers ? within.filter(isPower) : within }
}

/** A round number near another: a power of two for bytes, else 1, 2 or 5 with zeros. */
function stepFor(near: number, unit: Unit): number {
  if (unit === 'bytes') return 2 ** Math.round(Math.log2(near))
  const power = 10 ** Math.floor(Math.log10(Math.max(near, 1)))
  return power * ([1, 2, 5].find((factor) => factor * power >= near) ?? 10)
}

/** How values of each unit are told, to three figures. */
const formats: Readonly<Record<Unit, (value: number) => string>> = {
  bytes: formatBytes,
  count: formatNumber,
  milliseconds: formatMilliseconds,
  percent: (value) => `${formatNumber(value)} %`,
  thousandths: formatThousandths,
}

/** With its unit, to three figures. */
export const valueText = (value: number | null | undefined, unit: Unit): string =>
  value == null ? 'not known' : formats[unit](value)

/** As Kubernetes writes them: `250m` is a quarter of one. */
export function formatThousandths(value: number): string {
  const whole = Math.round(value)
  return whole % 1000 === 0 ? formatNumber(whole / 1000) : `${String(whole)}m`
}

/** A tick's value, exact. */
export function tickText(value: number, unit: Unit): string {
  if (unit === 'milliseconds')
    return value < 1000 ? `${value.toLocaleString('en')} ms` : `${(value / 1000).toLocaleString('en')} s`
  if (unit !== 'bytes' || value === 0) return formats[unit === 'bytes' ? 'count' : unit](value)
  const power = Math.floor(Math.log2(value) / 10)
  const name = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'][power] ?? ''
  return `${(value / 1024 ** power).toLocaleString('en', { maximumFractionDigits: 3 })} ${name}`
}

/** Some times before the end, such as "−2 min", and the end itself. */
export const timeTicks = ({ start, end, timeStep }: Pick<Picture, 'start' | 'end' | 'timeStep'>): number[] =>
  Array.from({ length: Math.round((end - start) / timeStep) + 1 }, (_, index) => start + index * timeStep)

/** The time of a sample: with milliseconds where another is so near that they would be told alike. */
export function timeText(times: readonly number[], index: number): string {
  const time = times[index] ?? NaN
  const isNear = [times[index - 1], times[index + 1]].some(
    (other) => other !== undefined && Math.abs(other - time) < 500,
  )
  return isNear ? `${formatTime(time)}.${String(time % 1000).padStart(3, '0')}` : formatTime(time)
}

/** A time on the axis, by how long it is before its end. */
export function tickTimeText(time: number, { end, isNow }: Pick<Picture, 'end' | 'isNow'>): string {
  const seconds = Math.round((end - time) / 1000)
  if (seconds === 0) return isNow ? 'now' : formatTime(end)
  return seconds % 60 === 0 ? `−${String(seconds / 60)} min` : `−${String(seconds)} s`
}

/** The sample nearest to a time, left of it or right, that has a value. */
export function nearest({ times, lines }: Picture, time: number): number | undefined {
  let best: number | undefined
  const distance = (index: number) => Math.abs((times[index] ?? Infinity) - time)
  for (const index of times.keys()) {
    const isKnown = lines.some(({ values }) => values[index] != null)
    if (isKnown && (best === undefined || distance(index) < distance(best))) best = index
  }
  return best
}
