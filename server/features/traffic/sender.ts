/** Sends one request after another to one URL, and says of each what came of it. */
import { connect, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { placeOf } from '../../client/address.ts'
import { printable } from '../../text/printable.ts'
import { beginHttpClientSpan, endHttpClientSpan, type ClientRequest } from '../../tracing/http-conventions.ts'
import type { Span, Tracing } from '../../tracing/tracing.ts'
import { Addresses } from './addresses.ts'
import { Answer } from './answer.ts'
import { Connections, type Connect, type Connection, type User } from './connection.ts'
import { countedIn, countingOf, headerOf, keptBytes, type Counting } from './counting.ts'
import { reasonOf, reasonOfStatus, type Reason } from './failure.ts'
import type { TrafficConfig } from './wire.ts'

/** More of a body isn't read, in bytes. */
const mostBytes = 1 << 20

/** Longer names of who answered are cut. */
const mostCharacters = 253

/** What came of a request. */
export interface Outcome {
  /** Why it failed, if it did. */
  readonly reason: Reason | undefined
  /** Who answered, if somebody did: a pod or an address, and the version that it says. */
  readonly answerer: { readonly name: string; readonly version: string } | undefined
  /** What the answer says where it is counted. */
  readonly counted: string | undefined
}

/** A request on its way. */
export interface Sending {
  /** Such as `answer`. */
  readonly waitsFor: string
  /** Ends it at once; whoever sent it is told nothing more. @param why in a word or two */
  cancel(why: string): void
}

type Ended = (outcome: Outcome, at: number) => void

/** What all requests of one sender share. */
interface Plan {
  readonly connections: Connections
  readonly isKept: boolean
  readonly method: string
  /** The request as it goes over the wire. */
  readonly bytes: Buffer
  /** The same on a connection of its own. */
  readonly bytesOfNew: Buffer
  readonly isIdempotent: boolean
  readonly counting: Counting
  /** Begins the span of a request; undefined where none are traced. */
  readonly beginSpan: (() => Span) | undefined
}

/** Sends what its orders say, until it is closed. */
export class Sender {
  readonly #plan: Plan

  /**
   * @param config with a URL, headers and a text for `count` that refuseOrders has nothing against
   * @param tracing undefined where nothing is traced
   */
  constructor(config: TrafficConfig, tracing: Tracing | undefined) {
    const url = new URL(config.url)
    const isKept = config.connections === 'kept'
    const counting = countingOf(config.count)
    const bytesOfNew = bytesOf(config, url, 'close')
    this.#plan = {
      connections: new Connections(connectTo(url)),
      isKept,
      method: config.method,
      bytes: isKept ? bytesOf(config, url, 'keep-alive') : bytesOfNew,
      bytesOfNew,
      // RFC 9110, section 9.2.2.
      isIdempotent: /^(GET|HEAD|OPTIONS|TRACE|PUT|DELETE)$/.test(config.method),
      counting: counting === 'invalid' ? undefined : counting,
      beginSpan: tracing && spansOf(config, url, tracing),
    }
  }

  /**
   * Sends a request now.
   * @param ended called once, never before this returns, with the time at which the last of the answer came, by performance.now()
   */
  send(ended: Ended): Sending {
    return new Exchange(this.#plan, ended)
  }

  /** Lets go of the connections that it keeps; what is on its way is to be cancelled first. */
  close(): void {
    this.#plan.connections.destroy()
  }
}

/** @returns begins the span of a request; undefined where the orders themselves say which trace it is a part of */
function spansOf({ method, headers }: TrafficConfig, url: URL, tracing: Tracing): (() => Span) | undefined {
  if (Object.keys(headers).some((name) => name.toLowerCase() === 'traceparent')) return undefined
  const request: ClientRequest = { method, ...placeOf(url), url: url.href }
  return () => beginHttpClientSpan(tracing, request)
}

/** @returns connects to the server of a URL */
function connectTo(url: URL): Connect {
  const isTls = url.protocol === 'https:'
  const place = placeOf(url)
  const { host } = place
  const { lookUp } = new Addresses()
  const target = { ...place, lookup: lookUp, noDelay: true }
  if (!isTls) return (onread) => connect({ ...target, onread })
  const name = isIP(host) === 0 ? { servername: host } : {}
  const tls = { ...target, ...name, ALPNProtocols: ['http/1.1'] }
  return (onread) => {
    // Node's types don't know that node:tls reads so too.
    const options = { ...tls, onread }
    return connectTls(options)
  }
}

/** A request as it goes over the wire: made once, since all are alike. */
function bytesOf({ method, headers, body }: TrafficConfig, url: URL, connection: string): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  if (!lines.some((line) => /^host:/i.test(line))) lines.push(`Host: ${url.host}`)
  const hasBody = body !== '' || !/^(GET|HEAD|OPTIONS|TRACE|DELETE)$/.test(method)
  if (hasBody) lines.push(`Content-Length: ${Buffer.byteLength(body)}`)
  const head = [`${method} ${url.pathname}${url.search} HTTP/1.1`, ...lines, `Connection: ${connection}`]
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body)])
}

/** The same with the headers of a trace behind its first line. */
function withTrace(bytes: Buffer, { carrier }: Span): Buffer {
  const lines = Object.entries(carrier).map(([name, value]) => `${name}: ${value}\r\n`)
  const end = bytes.indexOf('\r\n') + 2
  return Buffer.concat([bytes.subarray(0, end), Buffer.from(lines.join(''), 'latin1'), bytes.subarray(end)])
}

/** One request, and its answer. */
class Exchange implements Sending, User {
  readonly #plan: Plan
  readonly #ended: Ended
  readonly #answer: Answer
  readonly #kept: Buffer[] = []
  readonly #span: Span | undefined
  #connection: Connection
  #answerer: Outcome['answerer']
  #bytes = 0
  /** When the last of it came. */
  #at = 0
  #isOver = false

  constructor(plan: Plan, ended: Ended) {
    this.#plan = plan
    this.#ended = ended
    this.#answer = new Answer(plan.method, (bytes) => {
      this.#takeBody(bytes)
    })
    this.#connection = (plan.isKept ? plan.connections.takeIdle() : undefined) ?? plan.connections.open()
    this.#span = plan.beginSpan?.()
    this.#write(plan.bytes)
  }

  get waitsFor(): string {
    if (this.#answer.status > 0) return 'end of the answer'
    return this.#connection.socket.connecting ? 'connection' : 'answer'
  }

  cancel(why: string): void {
    this.#isOver = true
    this.#connection.destroy()
    this.#endSpan(why)
  }

  take(bytes: Buffer): void {
    this.#at = performance.now()
    const isWhole = orError(() => this.#answer.take(bytes))
    if (this.#answer.status > 0) this.#answerer ??= this.#whoAnswers()
    if (isWhole === true) this.#finish()
    else if (isWhole instanceof Error) this.fail(isWhole)
    else if (this.#bytes > mostBytes) {
      this.#connection.destroy()
      this.#end(this.#outcome)
    }
  }

  end(): void {
    this.#at = performance.now()
    const isWhole = orError(() => this.#answer.end())
    if (isWhole === true) this.#finish()
    else this.fail(isWhole || Object.assign(new Error(), { code: 'ECONNRESET' }))
  }

  fail(error: NodeJS.ErrnoException): void {
    if (this.#isOver) return
    this.#at = performance.now()
    const { connections, bytesOfNew, isIdempotent } = this.#plan
    this.#connection.destroy()
    // A server may close a kept connection just as it is used again, and has then seen nothing of the request (RFC 9110, section 9.2.2).
    if (this.#connection.isUsedAgain && !this.#answer.hasBegun && isIdempotent) {
      this.#connection = connections.open()
      this.#write(bytesOfNew)
      return
    }
    this.#end({ reason: reasonOf(error), answerer: this.#answerer, counted: undefined })
  }

  #write(bytes: Buffer): void {
    this.#connection.write(this, this.#span ? withTrace(bytes, this.#span) : bytes)
  }

  #takeBody(bytes: Buffer): void {
    const wantsBody = this.#plan.counting !== undefined && this.#plan.counting.of !== 'header'
    if (wantsBody && this.#bytes < keptBytes)
      this.#kept.push(Buffer.from(bytes.subarray(0, keptBytes - this.#bytes)))
    this.#bytes += bytes.length
  }

  /** All of the answer has come. */
  #finish(): void {
    if (this.#plan.isKept && this.#answer.canFollow && this.#connection.isOpen)
      this.#plan.connections.keep(this.#connection)
    else this.#connection.close()
    this.#end(this.#outcome)
  }

  #end(outcome: Outcome): void {
    this.#isOver = true
    // A status that is a failure tells more than its kind.
    this.#endSpan(this.#answer.status >= 400 ? undefined : outcome.reason?.kind)
    this.#ended(outcome, this.#at)
  }

  #endSpan(failure: string | undefined): void {
    if (this.#span) endHttpClientSpan(this.#span, this.#answer.status, failure)
  }

  #whoAnswers(): Outcome['answerer'] {
    const { headers } = this.#answer
    const name = headerOf(headers, 'x-served-by') ?? addressOf(this.#connection)
    return { name: tidy(name), version: tidy(headerOf(headers, 'x-served-version') ?? '') }
  }

  get #outcome(): Outcome {
    const { status, headers } = this.#answer
    const { counting } = this.#plan
    return {
      reason: reasonOfStatus(status),
      answerer: this.#answerer,
      counted: counting && countedIn(counting, headers, Buffer.concat(this.#kept)),
    }
  }
}

function orError(read: () => boolean): boolean | Error {
  try {
    return read()
  } catch (error) {
    return error as Error
  }
}

const tidy = (text: string): string => printable(text.slice(0, mostCharacters))

/** An IPv4 address is written as one also on a socket of IPv6. */
const addressOf = ({ socket }: Connection): string =>
  (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '')
