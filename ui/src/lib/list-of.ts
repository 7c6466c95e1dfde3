/** Lists in words. */

const list = new Intl.ListFormat('en-GB')

/** Such as `pods, services and nodes`. */
export const listOf = (names: readonly string[]): string => list.format(names)
