/** A consumer's side of MemQ: takes one queue's messages over HTTP, under a lease where the server knows them. */
import * as Type from 'typebox'
import type { Static } from 'typebox'
import * as Value from 'typebox/value'
import { connectionFault } from '../../client/connection-fault.ts'

/** How long a request may take, in milliseconds. */
const timeoutMs = 5000

/** The largest answer that is read, in bytes; a server takes messages of 1 MiB unless it is told otherwise. */
const maxAnswerBytes = 16 << 20

const Message = Type.Object({ body: Type.String(), lease: Type.Optional(Type.String()) })

/** A message taken from a queue; without a lease if the server knows none, as the original. */
export type Message = Static<typeof Message>

/** An empty queue. */
export interface Empty {
  /** Messages that others hold a lease on, and that may come back. */
  readonly leased: number
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
  const { protocol, username, password, search, hash } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') return 'must begin with http:// or https://'
  if (username + password !== '') return 'must not hold a user name or password'
  return search + hash === '' ? undefined : 'must end with its path, without ? or #'
}

/** One queue of a MemQ server. */
export class MemQQueue {
  readonly #url: string

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
   * @throws MemQError
   */
  async dequeue(lease: number): Promise<Message | Empty> {
    const answer = await this.#post(`dequeue?lease=${lease}`)
    if (answer.status === 204) return { leased: Number(answer.headers.get('MemQ-Leased')) || 0 }
    const message = parseJson(answer.text)
    if (!Value.Check(Message, message)) throw new MemQError('its answer is not a message')
    return message
  }

  /** Finishes a message. @throws MemQError with status 410 when the lease is over */
  async ack(lease: string): Promise<void> {
    await this.#post(`ack?lease=${encodeURIComponent(lease)}`)
  }

  /** Gives a message back at once. @throws MemQError */
  async nack(lease: string): Promise<void> {
    await this.#post(`nack?lease=${encodeURIComponent(lease)}`)
  }

  /** Starts a lease's time anew. @throws MemQError */
  async renew(lease: string): Promise<void> {
    await this.#post(`renew?lease=${encodeURIComponent(lease)}`)
  }

  /** Adds a message. @throws MemQError */
  async enqueue(body: string): Promise<void> {
    await this.#post('enqueue', body)
  }

  async #post(action: string, body?: string): Promise<{ status: number; headers: Headers; text: string }> {
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const answer = await fetch(`${this.#url}/${action}`, { method: 'POST', signal, body: body ?? null })
      const text = await readText(answer)
      if (!answer.ok) throw new MemQError(`${answer.status} ${oneLine(text)}`.trimEnd(), answer.status)
      return { status: answer.status, headers: answer.headers, text }
    } catch (error) {
      throw error instanceof MemQError
        ? error
        : new MemQError(`${new URL(this.#url).host}: ${plainWords(error)}`)
    }
  }
}

async function readText({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  // fetch's streams hold bytes; their type leaves that open.
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > maxAnswerBytes) throw new MemQError('its answer is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A server's words as they may stand in the log. */
const oneLine = (text: string): string =>
  text
    .slice(0, 200)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()

/** Why fetch failed: what matters is in the cause. */
function plainWords(error: unknown): string {
  const { name, message, cause } = error as Error
  if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1000}s`
  const { code = '', message: reason = message } = (cause ?? {}) as { code?: string; message?: string }
  return connectionFault(code) ?? oneLine(reason)
}
