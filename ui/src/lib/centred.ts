/** Rows of links that scroll sideways where they have no room. */

/** Brings the link to the page on show into sight, in the middle of its row. */
export function centreCurrent(row: HTMLElement): void {
  const active = row.querySelector<HTMLElement>('[aria-current]')
  if (active) row.scrollLeft = active.offsetLeft - (row.clientWidth - active.offsetWidth) / 2
}
