/** The colour that goes with the name of a version. */
import type { Identity } from '../../../server/identity/wire.ts'

/** As server/identity/version.ts has them: the book's first edition numbers the same three. */
const colours: ReadonlyMap<string, Identity['colour']> = new Map([
  ['blue', 'blue'],
  ['green', 'green'],
  ['purple', 'purple'],
  ['1', 'blue'],
  ['2', 'green'],
  ['3', 'purple'],
])

/** @param name such as `1.0.0-blue`, or an image's tag; undefined for none of kuard's three */
export const versionColour = (name: string): Identity['colour'] | undefined =>
  colours.get(name.split('-').at(-1) ?? '')
