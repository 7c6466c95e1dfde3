/** Where the book tells of something, in words. */
import type { Chapter, LaterEditions, Place } from '../../../../server/features/manifests/wire.ts'

/** Such as `second edition 12, third edition 12`. */
export function editionsOf({ second, third }: LaterEditions): string {
  if (second === null && third === null) return 'not in the later editions'
  return `${editionOf('second', second)}, ${editionOf('third', third)}`
}

const editionOf = (name: string, number: number | null): string =>
  number === null ? `not in the ${name}` : `${name} edition ${String(number)}`

/** Such as `chapter 10, Object Creation, Example 10-7; second edition 12, third edition 12`. */
export function bookPlaceOf(
  { section, examples, later }: Place,
  { number }: Pick<Chapter, 'number'>,
): string {
  const parts = [`chapter ${String(number)}`, section, ...examples.map((example) => `Example ${example}`)]
  return `${parts.join(', ')}; ${editionsOf(later)}`
}
