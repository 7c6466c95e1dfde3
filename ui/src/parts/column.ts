/** A column of a table. */
import type { Snippet } from 'svelte'

export interface Column<Row> {
  readonly title: string
  /** What is shown, searched and copied. */
  readonly text: (row: Row) => string
  /** Lets the column be sorted. */
  readonly order?: (row: Row) => string | number
  /** Machine: what came out of one, in its type. Number: to the right. */
  readonly kind?: 'machine' | 'number'
  /** Shown in place of the text. */
  readonly cell?: Snippet<[Row]>
  /** Whether each value can be copied. */
  readonly copy?: boolean
}
