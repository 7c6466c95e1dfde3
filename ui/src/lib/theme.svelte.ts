/** Light, dark, or as the system has it; remembered. The page's inline script has set it before the first paint. */

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const key = 'kuard-theme'

class ThemeChoice {
  #theme = $state<Theme>(themes.find((name) => name === document.documentElement.dataset.theme) ?? 'system')

  get current(): Theme {
    return this.#theme
  }

  set current(theme: Theme) {
    this.#theme = theme
    document.documentElement.dataset.theme = theme
    try {
      localStorage.setItem(key, theme)
    } catch {
      // Where a browser keeps nothing, it lasts as long as the page.
    }
  }
}

export const theme = new ThemeChoice()
