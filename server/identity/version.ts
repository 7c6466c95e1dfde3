/** Which version of kuard this is: the release, and the colour it poses as. */
import manifest from '../../package.json' with { type: 'json' }

/** The colours of the book's second edition; its first edition numbers the same three. */
const colours = {
  blue: 'blue',
  green: 'green',
  purple: 'purple',
  1: 'blue',
  2: 'green',
  3: 'purple',
} as const

/** One of the three colours that a version shows itself in. */
export type Colour = (typeof colours)[keyof typeof colours]

/** A version as it is shown: `1.0.0-blue`, and the colour that goes with it. */
export interface Version {
  readonly name: string
  readonly colour: Colour
  /** What it was built of, as whoever built it says. */
  readonly commit: string
}

/**
 * The version that this process poses as.
 * @param fakeVersion blue, green, purple, 1, 2 or 3, as an image sets it in KUARD_VERSION; anything else is blue
 * @param commit as an image sets it in KUARD_COMMIT
 */
export function versionNamed(fakeVersion: string | undefined, commit = 'unknown'): Version {
  const known = fakeVersion !== undefined && Object.hasOwn(colours, fakeVersion)
  const label = known ? (fakeVersion as keyof typeof colours) : 'blue'
  return { name: `${manifest.version}-${label}`, colour: colours[label], commit }
}
