/** Which lines of a text were removed and which were added. */

/** One line that is not in both. */
export interface ChangedLine {
  readonly sign: '-' | '+'
  /** From 1: in the old text for a removed line, in the new one for an added. */
  readonly number: number
  readonly text: string
}

/** The product of both lengths beyond which lines are not matched one by one. */
const maxCells = 4_000_000

/** Without what follows the last line break, if that is nothing. */
const linesOf = (text: string): string[] => (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')

/** In the order of the new text, removed ones before what came in their place. Empty when only the last line's break differs. */
export function changedLines(before: string, after: string): ChangedLine[] {
  const [old, fresh] = [before === '' ? [] : linesOf(before), after === '' ? [] : linesOf(after)]
  const shorter = Math.min(old.length, fresh.length)
  let start = 0
  while (start < shorter && old[start] === fresh[start]) start += 1
  let end = 0
  while (end < shorter - start && old.at(-1 - end) === fresh.at(-1 - end)) end += 1
  return matched(old.slice(start, old.length - end), fresh.slice(start, fresh.length - end), start)
}

/**
 * By a longest common subsequence; all as removed and added where that would take too long.
 * @param start how many lines stand before both
 */
function matched(old: readonly string[], fresh: readonly string[], start: number): ChangedLine[] {
  const width = fresh.length + 1
  const isLarge = old.length * fresh.length > maxCells
  const lengths = isLarge ? undefined : commonLengths(old, fresh)
  const lines: ChangedLine[] = []
  let [at, to] = [0, 0]
  while (at < old.length || to < fresh.length) {
    const [one, other] = [old[at], fresh[to]]
    if (lengths && one !== undefined && one === other) {
      at += 1
      to += 1
    } else if (
      one !== undefined &&
      (other === undefined ||
        !lengths ||
        (lengths[(at + 1) * width + to] ?? 0) >= (lengths[at * width + to + 1] ?? 0))
    ) {
      lines.push({ sign: '-', number: start + at + 1, text: one })
      at += 1
    } else if (other !== undefined) {
      lines.push({ sign: '+', number: start + to + 1, text: other })
      to += 1
    }
  }
  return lines
}

/** For each pair of places, how many lines are common from there on. */
function commonLengths(old: readonly string[], fresh: readonly string[]): Uint32Array {
  const width = fresh.length + 1
  const lengths = new Uint32Array((old.length + 1) * width)
  for (let at = old.length - 1; at >= 0; at -= 1) {
    for (let to = fresh.length - 1; to >= 0; to -= 1) {
      const here = at * width + to
      lengths[here] =
        old[at] === fresh[to]
          ? (lengths[here + width + 1] ?? 0) + 1
          : Math.max(lengths[here + width] ?? 0, lengths[here + 1] ?? 0)
    }
  }
  return lengths
}
