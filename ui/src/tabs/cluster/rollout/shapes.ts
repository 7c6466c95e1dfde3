/** The areas and lines of a rollout's picture as paths of SVG. */
import type { Bounds } from './bounds.ts'
import type { Moment, Part } from './moments.ts'

/** Where times and counts are in a picture, in CSS pixels. */
export interface Scale {
  readonly x: (time: number) => number
  readonly y: (count: number) => number
}

/** One revision's two areas, what is ready and on it what isn't, and the line that ends them. */
export interface Areas {
  readonly ready: string
  readonly waiting: string
  readonly top: string
}

/** @param key of the revision, which stands on those that are before it in each moment */
export function areasOf(key: string, moments: readonly Moment[], scale: Scale): Areas {
  const areas = { ready: '', waiting: '', top: '' }
  for (const moment of moments) {
    const { ground, part } = standsOn(key, moment)
    if (!part) continue
    areas.ready += block(moment, ground, part.ready, scale)
    areas.waiting += block(moment, ground + part.ready, part.waiting, scale)
    areas.top += level(moment, ground + part.ready + part.waiting, scale)
  }
  return areas
}

/** Where a revision is in a moment: on so many pods of those before it. */
function standsOn(key: string, { parts }: Moment): { readonly ground: number; readonly part?: Part } {
  let ground = 0
  for (const part of parts) {
    if (part.key === key) return { ground, part }
    ground += part.ready + part.waiting
  }
  return { ground }
}

function block({ start, end }: Moment, ground: number, count: number, { x, y }: Scale): string {
  if (count === 0) return ''
  return `M${round(x(start))} ${round(y(ground))}V${round(y(ground + count))}H${round(x(end))}V${round(y(ground))}z`
}

const level = ({ start, end }: Moment, count: number, { x, y }: Scale): string =>
  `M${round(x(start))} ${round(y(count))}H${round(x(end))}`

/** A line that goes in steps, and is broken where nothing is known. */
export function lineOf(bound: keyof Bounds, moments: readonly Moment[], { x, y }: Scale): string {
  let path = ''
  let goesOn = false
  for (const { start, end, bounds } of moments) {
    if (bounds) path += `${goesOn ? 'V' : `M${round(x(start))} `}${round(y(bounds[bound]))}H${round(x(end))}`
    goesOn = bounds !== undefined
  }
  return path
}

/** The times in which it was paused, as one moment each. */
export function pausesIn(moments: readonly Moment[]): { start: number; end: number }[] {
  const pauses: { start: number; end: number }[] = []
  for (const { start, end, isPaused } of moments) {
    if (!isPaused) continue
    const last = pauses.at(-1)
    if (last?.end === start) last.end = end
    else pauses.push({ start, end })
  }
  return pauses
}

/** A part of an area that is as high all along. */
interface Block {
  readonly start: number
  readonly end: number
  readonly ground: number
  readonly count: number
}

function blocksOf(key: string, moments: readonly Moment[]): Block[] {
  const blocks: Block[] = []
  for (const moment of moments) {
    const { ground, part } = standsOn(key, moment)
    const { start, end } = moment
    const block = { start, end, ground, count: part ? part.ready + part.waiting : 0 }
    const last = blocks.at(-1)
    const goesOn = last?.end === start && last.ground === ground && last.count === block.count
    blocks.splice(goesOn ? -1 : blocks.length, 1, goesOn ? { ...block, start: last.start } : block)
  }
  return blocks
}

/** Where a revision's name is put: in the middle of its largest block, if there is room for it. */
export function labelPlace(
  key: string,
  moments: readonly Moment[],
  { x, y }: Scale,
  room: { readonly width: number; readonly height: number },
): { readonly x: number; readonly y: number } | undefined {
  const places = blocksOf(key, moments).map(({ start, end, ground, count }) => ({
    x: (x(start) + x(end)) / 2,
    y: (y(ground) + y(ground + count)) / 2,
    width: x(end) - x(start),
    height: y(ground) - y(ground + count),
  }))
  return places
    .filter(({ width, height }) => width >= room.width && height >= room.height)
    .sort((one, other) => other.width * other.height - one.width * one.height)[0]
}

const round = (pixels: number): string => pixels.toFixed(1)
