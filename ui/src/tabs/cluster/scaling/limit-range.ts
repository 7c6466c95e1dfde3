/** The rows of the table of limit ranges: https://kubernetes.io/docs/concepts/policy/limit-range/ */
import type { LimitRange } from '../../../../../server/features/cluster/wire.ts'
import { formatQuantity, quantityOf } from '../quantity.ts'

/** One resource of one type in a range; what isn't bounded is empty. */
export interface RangeRow {
  readonly range: string
  readonly type: string
  readonly resource: string
  readonly min: string
  readonly defaultRequest: string
  /** What a container that names no limit gets for one. */
  readonly limit: string
  readonly max: string
}

export const rangeRows = (ranges: readonly LimitRange[]): RangeRow[] =>
  ranges.flatMap(({ name, limits }) =>
    limits.flatMap(({ type, min = {}, max = {}, defaultRequest = {}, default: limit = {} }) =>
      [...new Set([min, max, defaultRequest, limit].flatMap(Object.keys))].map((resource) => {
        const text = (quantities: Readonly<Record<string, string>>): string => {
          const written = quantities[resource] ?? ''
          const number = quantityOf(written)
          return number === undefined ? written : formatQuantity(number, resource)
        }
        return {
          ...{ range: name, type, resource, min: text(min), max: text(max) },
          ...{ defaultRequest: text(defaultRequest), limit: text(limit) },
        }
      }),
    ),
  )
