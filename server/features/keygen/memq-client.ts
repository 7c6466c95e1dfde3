/** A consumer's side of MemQ: takes one queue's messages over HTTP, under a lease where the server knows them. */
import { refuseUrl } from '../../client/address.ts'
import { Connections } from '../../client/connections.ts'
import { NoAnswer, request, type Answer } from '../../client/request.ts'
import { traceContextIn, type TraceContext } from '../../tracing/trace-context.ts'
import type { Span } from '../../tracing/tracing.ts'

/** What a request may take; a server takes messages of 1 MiB unless it is told otherwise. */
const limits = { timeoutMs: 5000, maxBytes: 16 << 20 }

/** How long a connection is kept that nothing is asked on: a key takes some seconds. */
const idleMs = 15_000

/** A message taken from a queue; without a lease if the server knows none, as the original. */
export interface Message {
  readonly id: string | undefined
  readonly body: string
  readonly lease: string | undefined
  /** The one that it was sent in. */
  readonly trace: TraceContext | undefined
}

/** An empty queue. */
export interface Empty {
  /** Messages that others hold a lease on, and that may come back. */
  readonly leased: number
  /** Messages that are hidden for a while. */
  readonly delayed: number
  /** Whether its server lets others wait for a message, perhaps: the original doesn't. */
  readonly mayWait: boolean
}

/** Whose doing a request is: headers. */
type Headers = Span['carrier'] | undefined

/** How to wait for a message. */
export interface Wait {
  readonly seconds: number
  /** Ends it; a message that was given by then is still taken. */
  readonly leave: AbortSignal
}

/** A server that could not be asked, or that said no; the message is why, in one line. */
export class MemQError extends Error {
  override name = 'MemQError'
  /** What the server answered, if it did. */
  readonly status: number | undefined

  constructor(message: string, status?: number) {
    super(message)
    this.status = status
  }
}

/** Says what is wrong with a MemQ server's base URL, or undefined if it can be used. */
export function refuseServerUrl(url: string): string | undefined {
  if (!URL.canParse(url)) return 'must be a URL such as http://queue:8080/memq/server'
  const parsed = new URL(url)
  const { search, hash } = parsed
  return refuseUrl(parsed) ?? (search + hash === '' ? undefined : 'must end with its path, without ? or #')
}

/** One queue of a MemQ server. */
export class MemQQueue {
  readonly #url: string
  readonly #connections = new Connections(idleMs)

  /**
   * @param server the base URL, as refuseServerUrl allows
   * @param queue its name
   */
  constructor(server: string, queue: string) {
    this.#url = `${server.replace(/\/+$/, '')}/queues/${encodeURIComponent(queue)}`
  }

  /**
   * Takes the oldest message.
   * @param lease for how long it is hidden from others, in seconds
   * @param wait has the server wait for one, if it can; one that can't answers at once
   * @throws MemQError
   * @throws the reason of `leave` where no answer was on its way
   */
  async dequeue(lease: number, wait?: Wait, headers?: Headers): Promise<Message | Empty> {
    const action = `dequeue?lease=${lease}${wait ? `&wait=${wait.seconds}` : ''}`
    const answer = await this.#post(action, headers, { wait })
    if (answer.status === 204) return emptyOf(answer)
    const message = parseJson(answer.body)
    if (!isMessage(message)) throw new MemQError('its answer is not a message')
    const { id, body, lease: name } = message
    return { id, body, lease: name, trace: traceContextIn(message) }
  }

  /** Finishes a message. @throws MemQError with status 410 when the lease is over */
  async ack(lease: string, headers?: Headers): Promise<void> {
    await this.#post(`ack?lease=${encodeURIComponent(lease)}`, headers)
  }

  /** Gives a message back at once. @throws MemQError */
  async nack(lease: string, headers?: Headers): Promise<void> {
    await this.#post(`nack?lease=${encodeURIComponent(lease)}`, headers)
  }

  /** Starts a lease's time anew. @throws MemQError */
  async renew(lease: string, headers?: Headers): Promise<void> {
    await this.#post(`renew?lease=${encodeURIComponent(lease)}`, headers)
  }

  /** Adds a message. @throws MemQError */
  async enqueue(body: string, headers?: Headers): Promise<void> {
    await this.#post('enqueue', headers, { body })
  }

  async #post(
    action: string,
    headers: Headers,
    { body, wait }: { body?: string; wait?: Wait | undefined } = {},
  ): Promise<Answer> {
    const url = new URL(`${this.#url}/${action}`)
    try {
      const answer = await request(url, {
        ...limits,
        method: 'POST',
        connections: this.#connections,
        ...(headers && { headers }),
        ...(body === undefined ? {} : { body }),
        ...(wait && { timeoutMs: limits.timeoutMs + wait.seconds * 1000, leave: wait.leave }),
      })
      if (answer.isCut) throw new MemQError('its answer is too large')
      if (answer.status < 200 || answer.status > 299)
        throw new MemQError(refusalInWords(answer), answer.status)
      return answer
    } catch (error) {
      throw error instanceof NoAnswer ? new MemQError(`${url.host}: ${error.message}`) : error
    }
  }
}

const emptyOf = ({ headers }: Answer): Empty => ({
  leased: Number(headers['memq-leased']) || 0,
  delayed: Number(headers['memq-delayed']) || 0,
  mayWait: headers['memq-leased'] !== undefined,
})

function refusalInWords({ status, headers: { location }, body }: Answer): string {
  if (status >= 300 && status < 400 && location !== undefined)
    return `${status}, a redirect to ${oneLine(location)}, which is not followed`
  return `${status} ${oneLine(body.toString())}`.trimEnd()
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined
  }
}

/** A message as a server tells it. */
interface Told {
  readonly id?: string
  readonly body: string
  readonly lease?: string
  readonly traceparent?: unknown
  readonly tracestate?: unknown
}

function isMessage(json: unknown): json is Told {
  if (typeof json !== 'object' || json === null || !('body' in json) || typeof json.body !== 'string')
    return false
  const isText = (value: unknown) => value === undefined || typeof value === 'string'
  return (!('lease' in json) || isText(json.lease)) && (!('id' in json) || isText(json.id))
}

/** A server's words as they may stand in the log. */
const oneLine = (text: string): string =>
  text
    .slice(0, 200)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
