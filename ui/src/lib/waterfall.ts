/** Where the bar of each of several things lies that took their time. */

/** What took its time, in milliseconds. */
export interface Took {
  /** After all of it began. */
  readonly at: number
  readonly milliseconds: number
}

/** A bar, in percent of the whole width. */
export interface Bar {
  readonly left: number
  readonly width: number
}

/** How wide a bar is at least, so that what took no time is seen. */
const least = 1

/** How long all of it took, in milliseconds: more than was said, where a step goes on. */
export const spanOf = (steps: readonly Took[], milliseconds: number): number =>
  Math.max(milliseconds, ...steps.map((step) => step.at + step.milliseconds))

/** @param span in milliseconds, as `spanOf` */
export function barOf({ at, milliseconds }: Took, span: number): Bar {
  if (span === 0) return { left: 0, width: least }
  const width = Math.max((100 * milliseconds) / span, least)
  return { left: Math.min((100 * at) / span, 100 - width), width }
}
