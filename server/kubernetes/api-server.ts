/** Requests to the API server: JSON in and out, or a line for each event of a watch. */
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import type { Status } from 'kubernetes-types/meta/v1.d.ts'
import { faultInWords } from '../client/fault.ts'
import { readCredentials, type Credentials } from './service-account.ts'

/** For an answer, or the beginning of a watch's, in milliseconds. */
const patienceMs = 15_000

/** A page of a list, in bytes: Kubernetes' objects have 1.5 MiB at most, and pages are of few. */
const maxBytes = 64 * 2 ** 20

/** How long a watch may be silent before the system asks whether its other end is still there, in milliseconds. */
const keepAliveProbeMs = 10_000

/** The API server refused a request, or can't be reached. The message is its own, where it gave one. */
export class ApiError extends Error {
  override name = 'ApiError'
  /** Of HTTP; undefined without an answer. */
  readonly status: number | undefined

  constructor(message: string, status?: number, options?: ErrorOptions) {
    super(message, options)
    this.status = status
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
  async json<Answer>(path: string, signal: AbortSignal, body?: unknown): Promise<Answer> {
    const response = await this.#open(path, signal, body)
    const text = await textOf(response)
    try {
      return JSON.parse(text) as Answer
    } catch (error) {
      throw new ApiError('it answered with what is no JSON', undefined, { cause: error })
    }
  }

  /**
   * Opens a watch.
   * @returns each line of it, until the API server ends it or the signal aborts; throws ApiError
   * @throws ApiError, and NoServiceAccount without a token
   */
  async lines(path: string, signal: AbortSignal): Promise<AsyncIterable<string>> {
    const response = await this.#open(path, signal)
    response.socket.setKeepAlive(true, keepAliveProbeMs)
    return linesOf(response)
  }

  /** Closes the connections that are kept. */
  close(): void {
    this.#agent?.destroy()
    this.#agent = undefined
  }

  async #open(path: string, signal: AbortSignal, body?: unknown): Promise<IncomingMessage> {
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
        reject(new ApiError(faultInWords(error), undefined, { cause: error }))
      })
      .end(sent)
    try {
      const response = await promise
      const { statusCode = 0 } = response
      if (statusCode < 200 || statusCode > 299)
        throw new ApiError(messageIn(await textOf(response)) ?? `it answered ${statusCode}`, statusCode)
      return response
    } finally {
      clearTimeout(timer)
    }
  }

  /** Another authority wants other connections. */
  #agentFor({ authority }: Credentials): Agent {
    if (this.#agent && authority === this.#authority) return this.#agent
    this.close()
    this.#authority = authority
    return (this.#agent = new Agent({ ca: authority, keepAlive: true, timeout: 60_000 }))
  }
}

/** What comes of an answer's body, decoded. */
async function* chunksOf(response: IncomingMessage): AsyncGenerator<string> {
  response.setEncoding('utf8')
  try {
    yield* response as AsyncIterable<string>
  } catch (error) {
    throw new ApiError(faultInWords(error as Error), undefined, { cause: error })
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: string[] = []
  let length = 0
  for await (const chunk of chunksOf(response)) {
    length += chunk.length
    if (length > maxBytes) throw new ApiError('the answer is too long')
    chunks.push(chunk)
  }
  return chunks.join('')
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of chunksOf(response)) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > maxBytes) throw new ApiError('an event of the watch is too long')
    yield* lines
  }
}

/** What the API server says in a Status object, or in plain text. */
function messageIn(text: string): string | undefined {
  try {
    return (JSON.parse(text) as Status).message
  } catch {
    const [line = ''] = text.trim().split('\n', 1)
    return line === '' ? undefined : line.slice(0, 200)
  }
}
