/** The tabs that are on, as links: App says which, and whoever writes of a tab links to it. */
import { createContext, type Component } from 'svelte'

/** What a tab's file brings. */
export interface TabContent {
  readonly default: Component
  /** What it shows live, to be put beside something else and not to be used. */
  readonly Picture?: Component
  /** Likewise, where the tab has views: of the one with this word, or of the first. */
  readonly ViewPicture?: Component<{ view: string | null }>
}

export interface TabLink {
  readonly word: string
  /** Below the root. */
  readonly path: string
  /** Brings what shows it: each tab is a file of its own, so that the first one is there at once. */
  readonly load: () => Promise<TabContent>
  /** Brings its views, where it has some. */
  readonly views?: () => Promise<readonly TabLink[]>
}

export const [tabLinks, setTabLinks] = createContext<() => readonly TabLink[]>()
