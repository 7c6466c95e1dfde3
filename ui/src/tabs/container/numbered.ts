/** Rows that nothing of theirs tells apart: several sockets may have one address, and several mounts one path. */

/** Each with its place. */
export const numbered = <Row extends object>(rows: readonly Row[]): (Row & { readonly number: number })[] =>
  rows.map((row, number) => ({ ...row, number }))
