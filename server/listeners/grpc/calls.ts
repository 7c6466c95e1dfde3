/** The calls of methods that answer once: says who answers, turns errors into statuses, and has each call logged and traced. */
import { Metadata, status, type handleUnaryCall, type ServerUnaryCall } from '@grpc/grpc-js'
import { peerName } from '../../http/peer.ts'
import type { Answerer } from '../../http/shared-headers.ts'
import type { Log } from '../../log/log.ts'
import { traceparentOf } from '../../tracing/trace-context.ts'
import type { Carrier, Span, Tracing } from '../../tracing/tracing.ts'
import { StatusError, type Unary } from './service.ts'

/** What the server's calls are answered with, beside their answers. */
export interface CallSurroundings {
  readonly answerer: Answerer
  readonly log: Log
  readonly tracing: Tracing | undefined
}

type Call = ServerUnaryCall<unknown, unknown>

/** The statuses that are the server's fault: https://opentelemetry.io/docs/specs/semconv/rpc/grpc/ */
const faults: ReadonlySet<status> = new Set([
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.UNIMPLEMENTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
])

/** The calls that are being answered. */
export class Calls {
  readonly #surroundings: CallSurroundings
  #underWay = 0
  #whenDone: (() => void) | undefined

  constructor(surroundings: CallSurroundings) {
    this.#surroundings = surroundings
  }

  /** Resolves when no call is being answered; to be called once. */
  done(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenDone = resolve
      if (this.#underWay === 0) resolve()
    })
  }

  /**
   * A method as the library wants it.
   * @param path of the method
   * @param isQuiet its calls aren't logged and traced
   */
  handler(
    path: string,
    answer: Unary<unknown, unknown>,
    isQuiet: boolean,
  ): handleUnaryCall<unknown, unknown> {
    return (call, callback) => {
      this.#underWay += 1
      const span = isQuiet ? undefined : this.#begin(path, call)
      const over = isQuiet ? () => undefined : this.#observe(path, call, span)
      call.once('cancelled', () => {
        over(Number(call.getDeadline()) <= Date.now() ? status.DEADLINE_EXCEEDED : status.CANCELLED)
      })
      call.sendMetadata(this.#metadata(span))
      void this.#answered(path, answer, call).then((outcome) => {
        const refusal = outcome instanceof StatusError ? outcome : undefined
        over(refusal?.code ?? status.OK)
        if (refusal) callback({ code: refusal.code, details: refusal.message })
        else callback(null, outcome)
        this.#underWay -= 1
        if (this.#underWay === 0) this.#whenDone?.()
      })
    }
  }

  /** Resolves to the answer, or to the status in place of one. */
  async #answered(path: string, answer: Unary<unknown, unknown>, call: Call): Promise<unknown> {
    try {
      return await answer(call.request, call)
    } catch (error) {
      if (error instanceof StatusError) return error
      // Who has left is told nothing, and what was done for him was broken off.
      if (!call.cancelled) this.#surroundings.log.error({ err: error }, `${path} has failed`)
      return new StatusError(status.INTERNAL, 'internal error')
    }
  }

  #begin(path: string, { metadata }: Call): Span | undefined {
    const { tracing } = this.#surroundings
    if (!tracing) return undefined
    const method = path.slice(1)
    return tracing.begin(method, {
      kind: 'server',
      parent: carrierIn(metadata),
      attributes: { 'rpc.system.name': 'grpc', 'rpc.method': method },
    })
  }

  /** @returns what is to be told the call's status; the first that it is told counts */
  #observe(path: string, call: Call, span: Span | undefined): (code: status) => void {
    const { log } = this.#surroundings
    const began = performance.now()
    const [, address = '-', port = '0'] = /^(.*):(\d+)$/.exec(call.getPeer()) ?? []
    const client = peerName(address, port)
    let isOver = false
    return (code) => {
      if (isOver) return
      isOver = true
      const rpcStatus = status[code]
      const rpcFailed = faults.has(code)
      const milliseconds = performance.now() - began
      log.request?.({
        time: Date.now(),
        client,
        method: 'POST',
        url: path,
        status: 200,
        rpcStatus,
        rpcFailed,
        milliseconds,
        trace: span,
      })
      span?.set({ 'rpc.response.status_code': rpcStatus })
      span?.end(rpcFailed ? rpcStatus : undefined)
    }
  }

  /** As the headers of a request's answer. */
  #metadata(span: Span | undefined): Metadata {
    const { pod, version } = this.#surroundings.answerer
    const metadata = new Metadata()
    metadata.set('x-served-by', pod)
    metadata.set('x-served-version', version)
    if (span) metadata.set('traceresponse', traceparentOf(span))
    return metadata
  }
}

/** What was sent more than once stands in one line, as in HTTP: of a traceparent that is none. */
const carrierIn = (metadata: Metadata): Carrier =>
  Object.fromEntries(
    ['traceparent', 'tracestate'].map((name) => [name, metadata.get(name).join() || undefined]),
  )
