/** Sends one request after another to one URL, and says of each what came of it. */
import { Agent, request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as requestHttps, Agent as TlsAgent, type RequestOptions } from 'node:https'
import { connect, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { printable } from '../../text/printable.ts'
import { Addresses } from './addresses.ts'
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
  /** Ends it at once; whoever sent it is told nothing more. */
  cancel(): void
}

/** What all requests of one sender share. */
interface Plan {
  readonly request: (options: RequestOptions, answered: (answer: IncomingMessage) => void) => ClientRequest
  readonly options: RequestOptions
  /** For a request that is sent once more: on a connection of its own. */
  readonly optionsOfNew: RequestOptions
  readonly body: string
  readonly isIdempotent: boolean
  readonly counting: Counting
  /** What had been read on each connection that is kept, in bytes, at the end of its last answer. */
  readonly read: WeakMap<Socket, number>
}

/** Sends what its orders say, until it is closed. */
export class Sender {
  readonly #plan: Plan
  readonly #agent: Agent | undefined

  /** @param config with a URL, headers and a text for `count` that refuseOrders has nothing against */
  constructor(config: TrafficConfig) {
    const url = new URL(config.url)
    const isTls = url.protocol === 'https:'
    const agentOptions = { keepAlive: true, maxSockets: config.concurrency }
    if (config.connections === 'kept')
      this.#agent = isTls ? new TlsAgent(agentOptions) : new Agent(agentOptions)
    const counting = countingOf(config.count)
    this.#plan = {
      request: isTls ? requestHttps : requestHttp,
      ...planConnections(config, url, this.#agent),
      body: config.body,
      // RFC 9110, section 9.2.2.
      isIdempotent: /^(GET|HEAD|OPTIONS|TRACE|PUT|DELETE)$/.test(config.method),
      counting: counting === 'invalid' ? undefined : counting,
      read: new WeakMap(),
    }
  }

  /**
   * Sends a request now.
   * @param ended called once, never before this returns
   */
  send(ended: (outcome: Outcome) => void): Sending {
    return new Exchange(this.#plan, ended)
  }

  /** Lets go of the connections that it keeps; what is on its way is to be cancelled first. */
  close(): void {
    this.#agent?.destroy()
  }
}

/** @param agent keeps connections; without, each request has one of its own */
function planConnections(
  { method, headers, body }: TrafficConfig,
  url: URL,
  agent: Agent | undefined,
): Pick<Plan, 'options' | 'optionsOfNew'> {
  const isTls = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const { lookUp } = new Addresses()
  const target = { host, port: Number(url.port) || (isTls ? 443 : 80), lookup: lookUp }
  const connectNew = isTls
    ? () =>
        connectTls({ ...target, ...(isIP(host) === 0 && { servername: host }), ALPNProtocols: ['http/1.1'] })
    : () => connect({ ...target, noDelay: true })
  // As a list of names and values they are written as they are; so there has to be all that node:http would add.
  const own = Object.entries(headers).flat()
  const named = new Set(own.map((name) => name.toLowerCase()))
  if (!named.has('host')) own.push('Host', url.host)
  const hasBody = body !== '' || !/^(GET|HEAD|OPTIONS|TRACE|DELETE)$/.test(method)
  if (hasBody) own.push('Content-Length', String(Buffer.byteLength(body)))
  const shared = { ...target, path: url.pathname + url.search, method }
  const optionsOfNew = {
    ...shared,
    headers: [...own, 'Connection', 'close'],
    createConnection: connectNew,
  }
  return { options: agent ? { ...shared, headers: own, agent } : optionsOfNew, optionsOfNew }
}

/** One request, and its answer. */
class Exchange implements Sending {
  readonly #plan: Plan
  readonly #ended: (outcome: Outcome) => void
  #request: ClientRequest
  #answer: IncomingMessage | undefined
  #answerer: Outcome['answerer']
  #bytes = 0
  #kept: Buffer[] = []
  #isOver = false
  #isSecond = false

  constructor(plan: Plan, ended: (outcome: Outcome) => void) {
    this.#plan = plan
    this.#ended = ended
    this.#request = this.#send(plan.options)
  }

  get waitsFor(): string {
    if (this.#answer) return 'end of the answer'
    const { socket } = this.#request
    return socket === null || socket.connecting ? 'connection' : 'answer'
  }

  cancel(): void {
    this.#isOver = true
    this.#request.destroy()
  }

  #send(options: RequestOptions): ClientRequest {
    const request = this.#plan.request(options, (answer) => {
      this.#read(answer)
    })
    request.on('error', (error) => {
      this.#fail(error)
    })
    request.end(this.#plan.body)
    return request
  }

  #read(answer: IncomingMessage): void {
    this.#answer = answer
    const { rawHeaders } = answer
    const name = headerOf(rawHeaders, 'x-served-by') ?? addressOf(answer)
    this.#answerer = { name: tidy(name), version: tidy(headerOf(rawHeaders, 'x-served-version') ?? '') }
    answer.on('data', (chunk: Buffer) => {
      this.#take(chunk)
    })
    answer.on('end', () => {
      const { socket, shouldKeepAlive } = this.#request
      if (shouldKeepAlive && socket) this.#plan.read.set(socket, socket.bytesRead)
      this.#end(this.#outcome)
    })
    answer.on('error', (error) => {
      this.#fail(error)
    })
  }

  #take(chunk: Buffer): void {
    const wantsBody = this.#plan.counting !== undefined && this.#plan.counting.of !== 'header'
    if (wantsBody && this.#bytes < keptBytes) this.#kept.push(chunk.subarray(0, keptBytes - this.#bytes))
    this.#bytes += chunk.length
    if (this.#bytes <= mostBytes) return
    this.#end(this.#outcome)
    this.#request.destroy()
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (this.#isOver) return
    if (this.#isUnseen && !this.#isSecond && this.#plan.isIdempotent) {
      this.#isSecond = true
      this.#request = this.#send(this.#plan.optionsOfNew)
      return
    }
    this.#end({ reason: reasonOf(error), answerer: this.#answerer, counted: undefined })
  }

  /**
   * Whether it was sent on a kept connection that ended without a further byte: a server may close one just as it is used again
   * (RFC 9110, section 9.2.2). node:http's own `reusedSocket` is not set where a request has waited for the connection.
   */
  get #isUnseen(): boolean {
    const { socket } = this.#request
    return socket !== null && this.#plan.read.get(socket) === socket.bytesRead
  }

  #end(outcome: Outcome): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#ended(outcome)
  }

  get #outcome(): Outcome {
    const { statusCode = 0, rawHeaders } = this.#answer ?? { rawHeaders: [] }
    const { counting } = this.#plan
    return {
      reason: reasonOfStatus(statusCode),
      answerer: this.#answerer,
      counted: counting && countedIn(counting, rawHeaders, Buffer.concat(this.#kept)),
    }
  }
}

const tidy = (text: string): string => printable(text.slice(0, mostCharacters))

/** An IPv4 address is written as one also on a socket of IPv6. */
const addressOf = ({ socket }: IncomingMessage): string =>
  (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '')
