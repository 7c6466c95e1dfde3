/** A pod's part of a chain: asks its upstreams side by side, and tells what each of them answered. */
import type { IncomingHttpHeaders } from 'node:http'
import { Connections } from '../../client/connections.ts'
import type { Question } from '../../client/request.ts'
import type { Identity } from '../../identity/wire.ts'
import { traceContextIn, traceIdOf } from '../../tracing/trace-context.ts'
import type { Span, Tracing } from '../../tracing/tracing.ts'
import type { CallContext } from './call.ts'
import { planFor } from './limits.ts'
import type { ChainAnswer, ChainCall } from './wire.ts'

/** Requests that are answered at the same time. One that leads round in a loop takes a place each time. */
const maxRequests = 256

/** How long a connection is kept that nothing is asked on: sooner closed by us than by a server. */
const idleMs = 15_000

/** As many requests as may be wait for their upstreams. */
export class TooManyChains extends Error {
  override name = 'TooManyChains'
}

/** What a chain is given. */
export interface ChainSettings {
  readonly upstreams: readonly URL[]
  readonly identify: () => Identity
  readonly node: string | null
  readonly tracing: Tracing | undefined
}

/** A request, as far as it concerns a chain. */
export interface ChainRequest {
  readonly headers: IncomingHttpHeaders
  /** Undefined where nothing is traced. */
  readonly span: Span | undefined
  /** When it came, as performance.now() has it. */
  readonly began: number
  /** Aborts when nobody waits any more. */
  readonly client: AbortSignal
}

export class Chain {
  readonly #settings: ChainSettings
  readonly #connections = new Connections(idleMs)
  #requests = 0

  constructor(settings: ChainSettings) {
    this.#settings = settings
  }

  /** Brings what asks them, so that the first request need not wait for it; most pods have no upstreams, and do without. */
  async prepare(): Promise<void> {
    if (this.#settings.upstreams.length > 0) await import('./call.ts')
  }

  /** @throws TooManyChains */
  async answer(request: ChainRequest): Promise<ChainAnswer> {
    if (this.#requests >= maxRequests)
      throw new TooManyChains(`${maxRequests} requests wait for the upstreams already`)
    this.#requests += 1
    try {
      return await this.#ask(request)
    } finally {
      this.#requests -= 1
    }
  }

  async #ask({ headers, span, began, client }: ChainRequest): Promise<ChainAnswer> {
    const { upstreams, identify, node, tracing } = this.#settings
    const { count, stopped, headers: limits, ...bounds } = planFor(headers, upstreams.length)
    const time = new Date(Date.now() - (performance.now() - began)).toISOString()
    const question = {
      ...bounds,
      headers: { ...handedOn(headers), ...limits },
      connections: this.#connections,
      signal: client,
    }
    const calls = await askAll(upstreams.slice(0, count), question, { began, parent: span, tracing })
    const { hostname, version, colour, namespace } = identify()
    return {
      pod: hostname,
      version,
      colour,
      namespace,
      node,
      time,
      milliseconds: performance.now() - began,
      traceId: span?.traceId ?? traceIdIn(headers),
      stopped,
      failed: calls.reduce(
        (sum, { error, answer }) => sum + Number(error !== null) + (answer?.failed ?? 0),
        0,
      ),
      calls,
    }
  }
}

async function askAll(urls: readonly URL[], question: Question, context: CallContext): Promise<ChainCall[]> {
  if (urls.length === 0) return []
  const { callUpstream } = await import('./call.ts')
  return Promise.all(urls.map((url) => callUpstream(url, question, context)))
}

/** By whoever traces, and whoever looks a request up in logs. */
const handedNames = ['traceparent', 'tracestate', 'baggage', 'x-request-id'] as const

/** What goes with each call as it came: a pod that traces nothing breaks no trace. */
const handedOn = (headers: IncomingHttpHeaders) =>
  Object.fromEntries(
    handedNames.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]] as const])),
  )

/** Of the trace that the request is a part of, if it says so. */
function traceIdIn({ traceparent }: IncomingHttpHeaders): string | null {
  const context = traceContextIn({ traceparent })
  return context ? traceIdOf(context) : null
}
