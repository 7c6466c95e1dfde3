/** What of a tab is on show, for the page's title. */

class Subtitle {
  /** Undefined where the tab is one page. */
  word = $state<string>()
}

export const subtitle = new Subtitle()
