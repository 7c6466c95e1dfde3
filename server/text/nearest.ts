/** What somebody may have meant who wrote a name that there isn't. */

/** Longer than any name: of what is written beyond it nothing is compared. */
const longest = 200

/**
 * The name that takes the fewest changes of a letter.
 * @returns undefined where there are no names
 */
export function nearest(written: string, names: Iterable<string>): string | undefined {
  let best: { readonly name: string; readonly changes: number } | undefined
  for (const name of names) {
    const changes = changesBetween(written.slice(0, longest), name)
    if (!best || changes < best.changes) best = { name, changes }
  }
  return best?.name
}

/** Letters to be put in, left out, changed or swapped with the next one: Levenshtein's distance, with neighbours. */
export function changesBetween(one: string, other: string): number {
  let [before, row]: [number[], number[]] = [
    [],
    Array.from({ length: other.length + 1 }, (_, index) => index),
  ]
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= other.length; j += 1) {
      const isSame = one[i - 1] === other[j - 1]
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      const ways = [(row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (isSame ? 0 : 1)]
      next.push(Math.min(...ways, isSwapped ? (before[j - 2] ?? 0) + 1 : Infinity))
    }
    ;[before, row] = [row, next]
  }
  return row[other.length] ?? 0
}
