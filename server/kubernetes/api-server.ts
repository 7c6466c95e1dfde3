/** Requests to the API server: JSON in and out, or a line for each event of a watch. */
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import type { Status } from 'kubernetes-types/meta/v1.d.ts'
import { faultInWords } from '../text/fault.ts'
import { readCredentials, type Credentials } from './service-account.ts'

/** For an answer to begin, and for it to end after that, in milliseconds. */
const patienceMs = 15_000

/** A page of a list or an event of a watch, in characters: Kubernetes' objects have 1.5 MiB at most, and pages are of few. */
const maxLength = 64 * 2 ** 20

/** A connection that is silent for so long is asked by the system whether its other end is still there; one that nobody uses is closed. */
const idleMs = 10_000

/** The API server refused a request, or gave an answer that makes no sense. The message is its own, where it gave one. */
export class ApiError extends Error {
  override name = 'ApiError'
  /** Of HTTP; undefined where the answer makes no sense, or there is none. */
  readonly status: number | undefined

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options)
    this.status = status
  }
}

/** OpenSSL's codes for a certificate that leads to no authority that is known. */
const unknownAuthority = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]

/** The API server can't be reached, or fell silent. */
export class Unreachable extends ApiError {
  constructor(cause: NodeJS.ErrnoException) {
    const isUnknown = unknownAuthority.includes(cause.code ?? '')
    const words = isUnknown ? 'its certificate is signed by none of those in ca.crt' : faultInWords(cause)
    super(words, undefined, { cause })
  }
}

/** One API server, asked as this pod's service account. */
export class ApiServer {
  readonly #url: URL
  #agent: Agent | undefined
  #authority = ''

  constructor(url: URL) {
    this.#url = url
  }

  get address(): string {
    return this.#url.origin
  }

  /**
   * Asks for an object or a list, or posts one.
   * @param path with its query
   * @throws ApiError, and NoServiceAccount without a token
   */
  async json<Answer extends object>(path: string, signal: AbortSignal, body?: unknown): Promise<Answer> {
    const response = await this.#open(path, signal, body)
    // What the answer is to the question, who asks it knows.
    return objectIn(await textOf(response)) as Answer
  }

  /**
   * Opens a watch.
   * @param lastsMs how long it is waited for to end, in milliseconds
   * @returns each line of it, until the API server ends it or the signal aborts; throws ApiError
   * @throws ApiError, and NoServiceAccount without a token
   */
  async lines(path: string, signal: AbortSignal, lastsMs: number): Promise<AsyncIterable<string>> {
    return linesOf(await this.#open(path, signal), lastsMs)
  }

  /** Closes the connections that are kept. */
  close(): void {
    this.#agent?.destroy()
    this.#agent = undefined
  }

  async #open(path: string, signal: AbortSignal, body?: unknown): Promise<IncomingMessage> {
    const response = await this.#send(path, signal, body)
    const { statusCode = 0 } = response
    if (statusCode >= 200 && statusCode <= 299) return response
    throw new ApiError(messageIn(await textOf(response)) ?? `it answered ${statusCode}`, statusCode)
  }

  async #send(path: string, signal: AbortSignal, body?: unknown): Promise<IncomingMessage> {
    const credentials = await readCredentials()
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const sent = body === undefined ? undefined : JSON.stringify(body)
    const outgoing = request(new URL(path, this.#url), {
      method: sent === undefined ? 'GET' : 'POST',
      agent: this.#agentFor(credentials),
      signal,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${credentials.token}`,
        'user-agent': 'kuard',
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      },
    })
    const timer = setTimeout(() => {
      outgoing.destroy(new Error(`no answer within ${patienceMs / 1000} s`))
    }, patienceMs)
    outgoing
      .on('response', resolve)
      .on('error', (error) => {
        reject(new Unreachable(error))
      })
      .end(sent)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
    }
  }

  /** Another authority wants other connections; what still uses those before ends by itself. */
  #agentFor({ authority }: Credentials): Agent {
    if (this.#agent && authority === this.#authority) return this.#agent
    this.#authority = authority
    // A list: without any text in it none is trusted, and not those that come with Node.js.
    const options = { ca: [authority], keepAlive: true, keepAliveMsecs: idleMs, timeout: idleMs }
    return (this.#agent = new Agent(options))
  }
}

/** What comes of an answer's body, decoded. @param limitMs by when it has to end */
async function* chunksOf(response: IncomingMessage, limitMs: number): AsyncGenerator<string> {
  response.setEncoding('utf8')
  const timer = setTimeout(() => {
    response.destroy(new Error(`no end of its answer within ${limitMs / 1000} s`))
  }, limitMs)
  try {
    yield* response as AsyncIterable<string>
  } catch (error) {
    throw new Unreachable(error as Error)
  } finally {
    clearTimeout(timer)
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: string[] = []
  let length = 0
  for await (const chunk of chunksOf(response, patienceMs)) {
    length += chunk.length
    if (length > maxLength) throw new ApiError('the answer is too long')
    chunks.push(chunk)
  }
  return chunks.join('')
}

async function* linesOf(response: IncomingMessage, lastsMs: number): AsyncGenerator<string> {
  let parts: string[] = []
  let length = 0
  for await (const chunk of chunksOf(response, lastsMs)) {
    const [first = '', ...others] = chunk.split('\n')
    parts.push(first)
    length += first.length
    if (length > maxLength) throw new ApiError('an event of the watch is too long')
    for (const other of others) {
      yield parts.join('')
      parts = [other]
      length = other.length
    }
  }
}

/** @throws ApiError for text that is no JSON, or that of no object */
export function objectIn(text: string): object {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // As below.
  }
  throw new ApiError(`it answered what is no object in JSON: ${JSON.stringify(text.slice(0, 40))}`)
}

/** What the API server says in a Status object, or in plain text. */
function messageIn(text: string): string | undefined {
  try {
    return (objectIn(text) as Status).message
  } catch {
    const [line = ''] = text.trim().split('\n', 1)
    return line === '' ? undefined : line.slice(0, 200)
  }
}
