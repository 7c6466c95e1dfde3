/** The chapter's words as parts: text, code, and the names of tabs. */
import type { TabLink } from './tab-links.ts'

export interface Part {
  readonly text: string
  readonly kind: 'text' | 'code' | 'tab'
  /** Below the root; for a tab. */
  readonly path?: string
}

/**
 * @param words with code between backticks
 * @param tabs whose names are to be found
 */
export function partsOf(words: string, tabs: readonly TabLink[] = []): Part[] {
  const paths = new Map(tabs.map(({ word, path }) => [word, path]))
  const names = [...paths.keys()].map((name) => `\\b${name}\\b`)
  return words
    .split(new RegExp(`(${['`+.+?`+', ...names].join('|')})`))
    .filter((text) => text !== '')
    .map((text) => {
      const path = paths.get(text)
      if (path !== undefined) return { kind: 'tab', text, path }
      return text.startsWith('`')
        ? { kind: 'code', text: text.replace(/^`+ ?| ?`+$/g, '') }
        : { kind: 'text', text }
    })
}
