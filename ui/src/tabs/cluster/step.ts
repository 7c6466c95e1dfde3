/** Where a key leads from one mark to another. */

/**
 * @param key as in a keyboard's event
 * @param at counted from 0
 * @param count how many there are @param columns how many stand in a row
 * @returns undefined for a key that leads nowhere
 */
export function stepFrom(key: string, at: number, count: number, columns: number): number | undefined {
  const steps: ReadonlyMap<string, number> = new Map([
    ['ArrowLeft', at - 1],
    ['ArrowRight', at + 1],
    ['ArrowUp', at - columns],
    ['ArrowDown', at + columns],
    ['Home', 0],
    ['End', count - 1],
  ])
  const target = steps.get(key)
  // Above the first row and below the last one there is nothing.
  return target === undefined || target < 0 || target >= count ? undefined : target
}
