/** How many there are of something, in words. */

/** `1 file`, `2 files`. @param noun in the singular, whose plural ends in s */
export const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
