/** The built UI's page. Read when it is asked for, so that a start isn't slowed. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseFrameSource } from '../../text/frame-source.ts'
import { escapeHtml } from '../../text/html.ts'
import type { Identity } from '../../identity/wire.ts'

/** The page before it is told who serves it. */
interface Template {
  readonly html: string
  readonly policy: string
}

/** Tells the page who serves it. */
export class Ui {
  readonly #folder: string
  readonly #frameAncestors: readonly string[]
  #template: Template | undefined

  /**
   * @param folder with `index.html`
   * @param frameAncestors who may show the page in a frame, as `--frame-ancestors` has it; none for nobody
   */
  constructor(folder: string, frameAncestors: readonly string[]) {
    this.#folder = folder
    this.#frameAncestors = frameAncestors.flatMap((text) => parseFrameSource(text) ?? [])
  }

  /** What the page may load and do (https://www.w3.org/TR/CSP3/): nothing but this server's own. */
  async policy(): Promise<string> {
    return (await this.#read()).policy
  }

  /**
   * The page's HTML.
   * @param base the relative way from the page's address to its prefix's root, `../` for each folder between
   */
  async html({ hostname, addresses, version, colour }: Identity, base: string): Promise<string> {
    const { html } = await this.#read()
    return html
      .replace('data-colour="blue"', `data-colour="${colour}"`)
      .replace('<base href="./"', `<base href="${base === '' ? './' : base}"`)
      .replace('<title>kuard', () => `<title>kuard on ${escapeHtml(hostname)}`)
      .replace('<p>kuard', () => `<p>${escapeHtml(`${version} on ${hostname}, ${addresses.join(', ')}`)}`)
  }

  async #read(): Promise<Template> {
    if (this.#template) return this.#template
    const html = await readFile(join(this.#folder, 'index.html'), 'utf8')
    return (this.#template = { html, policy: policyFor(html, this.#frameAncestors) })
  }
}

/** The page's one inline script is named by its hash; nothing else that is inline runs or styles. */
function policyFor(html: string, frameAncestors: readonly string[]): string {
  const script = /<script>([^]*?)<\/script>/.exec(html)?.[1] ?? ''
  const hash = createHash('sha256').update(script).digest('base64')
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    ...['style-src', 'connect-src', 'img-src', 'worker-src', 'base-uri'].map(
      (directive) => `${directive} 'self'`,
    ),
    "form-action 'none'",
    `frame-ancestors ${frameAncestors.join(' ') || "'none'"}`,
  ].join('; ')
}
