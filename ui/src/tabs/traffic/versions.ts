/** How versions are told apart: kuard's three by colour and shape, others by a letter. */
import { versionColour } from '../../lib/version-colour.ts'

/** What stands for a version. */
export interface VersionSign {
  readonly name: string
  /** As CSS has it. */
  readonly colour: string
  readonly shape: Shape
  /** On the shape; undefined where colour and shape say it. */
  readonly letter: string | undefined
}
export type Shape = 'dot' | 'square' | 'diamond'

const shapes = { blue: 'dot', green: 'square', purple: 'diamond' } as const
const neutral = ['var(--muted)', 'var(--edge)', 'var(--text)'] as const

/** By the version; each keeps its sign for as long as the page is open. */
const known = new Map<string, VersionSign>()

/** @param version as x-served-version has it; empty where the answer had none */
export function signOf(version: string): VersionSign {
  const sign = known.get(version) ?? newSign(version)
  known.set(version, sign)
  return sign
}

function newSign(version: string): VersionSign {
  const name = version === '' ? 'no version' : version
  const others = [...known.values()]
  const colour = versionColour(version)
  // Of two releases in blue, the second has a letter.
  const isFirst = others.every((other) => other.colour !== `var(--${colour ?? ''})`)
  if (colour && isFirst) return { name, colour: `var(--${colour})`, shape: shapes[colour], letter: undefined }
  const place = others.filter(({ letter }) => letter !== undefined).length
  return {
    name,
    colour: neutral[place % neutral.length] ?? neutral[0],
    shape: 'dot',
    letter: String.fromCharCode(65 + (place % 26)),
  }
}

/** The side of the square that a shape is drawn in. */
export const side = 10

/** How each is drawn from the left upper corner of its square, relative. */
const outlines: Readonly<Record<Shape | 'cross' | 'small cross' | 'place', string>> = {
  dot: 'm1 5a4 4 0 1 0 8 0a4 4 0 1 0-8 0z',
  square: 'm1.3 1.3h7.4v7.4h-7.4z',
  diamond: 'm5 .3l4.7 4.7-4.7 4.7-4.7-4.7z',
  place: 'm4.2 5a.8 .8 0 1 0 1.6 0a.8 .8 0 1 0-1.6 0z',
  cross: 'm1.5 1.5l7 7m0-7l-7 7',
  'small cross': 'm2.9 2.9l4.2 4.2m0-4.2l-4.2 4.2',
}

/** A place in the picture: its square's left upper corner. */
export interface Place {
  readonly x: number
  readonly y: number
}

/** The path that draws a shape at each of the places. */
export const pathOf = (shape: keyof typeof outlines, places: readonly Place[]): string =>
  places.map(({ x, y }) => `M${String(x)} ${String(y)}${outlines[shape]}`).join('')
