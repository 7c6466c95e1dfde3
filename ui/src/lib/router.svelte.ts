/** The page's address as state: which tab is on show, and back and forward through them. */
import { root } from './root.ts'

class Router {
  #address = $state.raw(new URL(location.href))
  /** Below the root and percent-encoded, such as `-/env` or `fs/etc/`; empty for the first tab. */
  readonly path = $derived(this.#address.pathname.slice(root.pathname.length))
  /** With its question mark, percent-encoded; empty without one. */
  readonly query = $derived(this.#address.search)
  /** Counts what was navigated to in this page, by a link or by back and forward. */
  moves = $state(0)

  constructor() {
    addEventListener('popstate', () => {
      this.#arrive()
    })
  }

  /** Puts what is on show into the address, so that it can be reloaded and passed on; nothing is navigated to. */
  keep(href: string): void {
    history.replaceState(null, '', new URL(href, root))
    this.#address = new URL(location.href)
  }

  /** Follows a click on a link within the page; leaves to the browser what leads elsewhere, or into a new tab. */
  readonly follow = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    if (!link || !isPlain || event.defaultPrevented || link.target !== '' || link.hasAttribute('download'))
      return
    const { origin, pathname } = new URL(link.href)
    if (origin !== root.origin || !isTab(pathname)) return
    event.preventDefault()
    history.pushState(null, '', link.href)
    this.#arrive()
    scrollTo(0, 0)
  }

  #arrive(): void {
    this.#address = new URL(location.href)
    this.moves += 1
  }
}

/** Whether the server answers with this page; what is below fs/ and not a folder is a file, and so is what is below manifests/. */
function isTab(pathname: string): boolean {
  if (!pathname.startsWith(root.pathname)) return false
  const path = pathname.slice(root.pathname.length)
  return path.startsWith('-/') || /^(?:|manifests\/|fs\/(?:.*\/)?)$/.test(path)
}

export const router = new Router()
