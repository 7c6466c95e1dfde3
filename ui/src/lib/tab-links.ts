/** The tabs that are on, as links: App says which, and whoever writes of a tab links to it. */
import { createContext } from 'svelte'

export interface TabLink {
  readonly word: string
  /** Below the root. */
  readonly path: string
  /** Brings its views, where it has some. */
  readonly views?: () => Promise<readonly TabLink[]>
}

export const [tabLinks, setTabLinks] = createContext<() => readonly TabLink[]>()
