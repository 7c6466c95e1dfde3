/** The last answers, each at its place in the picture. */
import type { TrafficStatus } from '../../../../server/features/traffic/wire.ts'
import { side, type Place } from './versions.ts'

/** The answers of one version. */
export interface VersionDots {
  readonly version: string
  readonly answered: readonly Place[]
  readonly failed: readonly Place[]
}

/** All of them. */
export interface Dots {
  /** In the order of their first answer. */
  readonly versions: readonly VersionDots[]
  /** Of requests without an answer. */
  readonly unanswered: readonly Place[]
}

/** So many the server tells. */
const most = 400

/** How many columns have to have room: the oldest and the newest may both be incomplete. */
export const columnsOf = (rows: number): number => Math.ceil(most / rows) + 1

/**
 * Column after column from the left, newest last: each stays in its row, and the picture moves on by whole columns.
 * @param ended how many requests have ended in all
 */
export function dotsOf({ versions, marks }: TrafficStatus['last'], ended: number, rows: number): Dots {
  const first = Math.max(0, ended - marks.length)
  const start = first - (first % rows)
  const placeOf = (index: number): Place => {
    const at = first + index - start
    return { x: side * Math.floor(at / rows), y: side * (at % rows) }
  }
  const placesOf = (wanted: string): Place[] =>
    Array.from(marks).flatMap((mark, index) => (mark === wanted ? [placeOf(index)] : []))
  const told = versions.map((version, index) => {
    const letter = String.fromCharCode(97 + index)
    return { version, answered: placesOf(letter), failed: placesOf(letter.toUpperCase()) }
  })
  return {
    versions: told.filter(({ answered, failed }) => answered.length + failed.length > 0),
    unanswered: placesOf('!'),
  }
}
