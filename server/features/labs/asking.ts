/** A question to a pod, put again and again while somebody wants to know the answer. */
import type { Ask, Sight, Verdict } from '../../conditions/condition.ts'
import { inTime } from '../../conditions/in-time.ts'
import { NoAnswer, request, type Answer } from '../../client/request.ts'
import { printable } from '../../text/printable.ts'

/** Between the begin of one and of the next, in milliseconds. */
const everyMs = 1_000

/** For an answer, in milliseconds. */
const timeoutMs = 2_000

/** What is looked at of an answer's body. */
const maxBytes = 64 * 1024

/** How long a pattern is looked for there, in milliseconds; one that takes longer is not looked for again. */
const searchMs = 500

/** What is shown of it, in characters. */
const shownLength = 60

export class Asking {
  readonly #ask: Ask
  readonly #sight: Pick<Sight, 'addressOf'>
  readonly #changed: () => void
  readonly #pattern: RegExp
  #isTooSlow = false
  #timer: NodeJS.Timeout | undefined
  readonly #ending = new AbortController()
  #verdict = seen(null, 'It is being asked.')
  /** Resolves once the first answer has come, or is known not to. */
  readonly settled: Promise<void>

  /** Begins at once. @param changed is called when the verdict has changed */
  constructor(ask: Ask, sight: Pick<Sight, 'addressOf'>, changed: () => void) {
    this.#ask = ask
    this.#sight = sight
    this.#changed = changed
    this.#pattern = new RegExp(ask.matches, 'm')
    this.settled = this.#once()
  }

  get verdict(): Verdict {
    return this.#verdict
  }

  end(): void {
    this.#ending.abort()
    clearTimeout(this.#timer)
  }

  async #once(): Promise<void> {
    const began = performance.now()
    const verdict = await this.#judge()
    if (this.#ending.signal.aborted) return
    const isOther = JSON.stringify(verdict) !== JSON.stringify(this.#verdict)
    this.#verdict = verdict
    if (isOther) this.#changed()
    this.#timer = setTimeout(() => void this.#once(), Math.max(everyMs - (performance.now() - began), 0))
  }

  async #judge(): Promise<Verdict> {
    const { get, of, port, tls } = this.#ask
    const name = nameOf(this.#ask)
    let doubt: string | null = null
    try {
      const address = await this.#sight.addressOf({
        of,
        ...(port !== undefined && { port }),
        ...(tls !== undefined && { tls }),
      })
      if ('holds' in address) return address
      doubt = address.doubt
      const { signal } = this.#ending
      // What a pod answers for itself is taken, whoever signed its certificate.
      const answer = await request(urlAt(address.url, get), { timeoutMs, maxBytes, signal, insecure: true })
      return this.#verdictOn(answer, `GET ${get} of ${name} answered`)
    } catch (error) {
      if (error instanceof NoAnswer)
        return seen(false, `GET ${get} of ${name} had no answer: ${error.message}.`, doubt)
      return seen(null, `${name} can’t be asked: ${(error as Error).message}.`)
    }
  }

  #verdictOn({ status, body, isCut }: Answer, begin: string): Verdict {
    const text = body.toString()
    const saw = `${begin} ${[status, firstLine(text)].join(' ').trim()}.`
    const { matches, says } = this.#ask
    const name = nameOf(this.#ask)
    const isFound = this.#isFoundIn(text)
    if (isFound === undefined) return seen(false, saw, `It takes too long to look for ${matches} in it.`)
    if (isFound) return seen(true, says === undefined ? saw : `${name}: ${says}.`)
    if (says !== undefined)
      return seen(false, `${name} answers, and not so as yet.`, `Waiting for this of ${name}: ${says}.`)
    const where = isCut ? `the first ${maxBytes / 1024} KiB of it` : 'it'
    return seen(false, saw, `The answer is to match ${matches}, which isn’t found in ${where}.`)
  }

  #isFoundIn(text: string): boolean | undefined {
    const isFound = this.#isTooSlow ? undefined : inTime(searchMs, () => this.#pattern.test(text))
    this.#isTooSlow = isFound === undefined
    return isFound
  }
}

/** A path that begins with two slashes would be another host to `new URL(path, base)`. */
function urlAt(address: URL, get: string): URL {
  const url = new URL(address)
  const [path = '', ...query] = get.split('?')
  url.pathname = path
  url.search = query.join('?')
  return url
}

const nameOf = ({ of }: Ask): string => of.replace(/^pod\//, '')

const seen = (holds: boolean | null, saw: string, why: string | null = null): Verdict => ({
  holds,
  saw,
  why,
  refused: [],
})

function firstLine(text: string): string {
  const [line = ''] = text.trim().split('\n', 1)
  return printable(line.length > shownLength ? `${line.slice(0, shownLength)}…` : line)
}
