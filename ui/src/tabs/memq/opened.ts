/** Which queue is open: its name is in the address. */
import { tick } from 'svelte'
import { router } from '../../lib/router.svelte.ts'

/** Of the tab with this queue open, below the root. */
export const queueAddress = (queue: string | undefined): string =>
  `-/memq${queue === undefined ? '' : `?${new URLSearchParams({ queue }).toString()}`}`

/** The name of the queue that is open; undefined if none is. */
export const openedQueue = (): string | undefined =>
  new URLSearchParams(router.query).get('queue') ?? undefined

export function openQueue(queue: string | undefined): void {
  router.keep(queueAddress(queue))
}

/** The button that opens the queue; the table leaves out what its filter doesn't find. */
const buttonOf = (queue: string): HTMLElement | null =>
  document.querySelector(`button[aria-expanded][title="${CSS.escape(queue)}"]`)

/** Brings a queue’s line into sight. */
export function showQueue(queue: string): void {
  buttonOf(queue)?.scrollIntoView({ block: 'center' })
}

/** Follows a click on a link to a queue: opens it, and has the keyboard go on from there. */
export async function followLink(event: MouseEvent, queue: string): Promise<void> {
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
  // Where the table doesn't show it, the page is loaded anew.
  if (!isPlain || !buttonOf(queue)) return
  event.preventDefault()
  openQueue(queue)
  await tick()
  buttonOf(queue)?.focus({ preventScroll: true })
  showQueue(queue)
}
