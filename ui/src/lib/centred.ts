/** Links in a row or below each other, which scroll where they have no room. */

/** Brings the link to the page on show into sight, in the middle of the others. */
export function centreCurrent(list: HTMLElement): void {
  const active = list.querySelector<HTMLElement>('[aria-current]')
  if (!active) return
  list.scrollLeft = active.offsetLeft - (list.clientWidth - active.offsetWidth) / 2
  list.scrollTop = active.offsetTop - (list.clientHeight - active.offsetHeight) / 2
}
