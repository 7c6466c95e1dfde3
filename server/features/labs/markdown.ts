/** Markdown as inert HTML: no tag of the author's, no picture, and no link but to the web or within this page. */
import createMarkdown, { type MarkdownIt, type Token } from 'markdown-it'

/** A part of a text that has been read. */
export type Tokens = readonly Token[]

/** Of the schemes that a link may begin with; one without any leads on from the page. */
const webScheme = /^(?:https?:)?\/\//i
const anyScheme = /^[^/?#]*:/

function inertMarkdown(): MarkdownIt {
  const markdown = createMarkdown({ html: false, linkify: false, typographer: false })
  markdown.disable('image')
  // What is refused stays text.
  markdown.validateLink = (url) => webScheme.test(url) || !anyScheme.test(url)
  const { renderer } = markdown
  renderer.rules.link_open = (tokens, index, options, _env, self) => {
    const token = tokens[index]
    // The lab stays open beside what it links to, be it another tab of the page.
    if (!String(token?.attrGet('href') ?? '').startsWith('#')) {
      token?.attrSet('target', '_blank')
      token?.attrSet('rel', 'noopener noreferrer')
    }
    return self.renderToken(tokens, index, options)
  }
  return markdown
}

/** Reads and writes it. */
export class Markdown {
  readonly #markdown = inertMarkdown()
  /** The addresses that a text names once, for links anywhere in it. */
  readonly #env = {}

  /** Of a whole text; its links may be named anywhere in it. */
  read(text: string): Tokens {
    return this.#markdown.parse(text, this.#env)
  }

  /** @param tokens some of what was read, in a row */
  html(tokens: Tokens): string {
    return this.#markdown.renderer.render([...tokens], this.#markdown.options, this.#env)
  }

  /** A text of its own, such as a hint. */
  htmlOf(text: string): string {
    return this.#markdown.render(text)
  }
}

/** The words of a heading without their marks. */
export const wordsOf = (heading: Token | undefined): string =>
  (heading?.children ?? [])
    .map(({ type, content }) => (type === 'softbreak' ? ' ' : content))
    .join('')
    .trim()
