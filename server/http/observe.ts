/** Counts, logs and traces a request when its answer is over, sent whole or cut off. */
import type { FastifyContextConfig, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../log/log.ts'
import { clientOf } from './peer.ts'
import type { RequestTimings } from './metrics/timings.ts'
import { endServerSpan, type ServerSpans } from './server-spans.ts'

/** What is logged and counted when the client left before it was answered, as nginx has it. */
const clientLeft = 499

/** What was answered last where another protocol has taken over. */
const switched = 101

/**
 * Waits for the end of an answer by a route of this configuration. An endless answer is logged, but how long it took says nothing of the server.
 * @param spans undefined where nothing is traced
 */
export function observe(
  request: FastifyRequest,
  reply: FastifyReply,
  config: FastifyContextConfig,
  timings: RequestTimings,
  log: Log,
  spans: ServerSpans | undefined,
): void {
  const started = performance.now()
  // A socket that is gone has no address any more.
  const client = clientOf(request.raw)
  const forwarded = request.headers['x-forwarded-for']
  const claimed = forwarded === undefined ? undefined : String(forwarded)
  const counter = (config.timings?.of(request.method) ?? timings.unrouted(request.method)).over(
    request.protocol,
  )
  const trace = spans?.begin(request, reply, config)
  const response = reply.raw
  response.on('close', () => {
    // A response begins as a 200.
    const status = response.statusCode === 200 && !response.headersSent ? clientLeft : response.statusCode
    const milliseconds = performance.now() - started
    if (config.endless !== true || status > 200) counter.observe(status, milliseconds / 1000, trace)
    if (trace) endServerSpan(trace, status, response.writableFinished || status === switched)
    const { method, originalUrl: url } = request
    if (config.unlogged !== true)
      log.request?.({ time: Date.now(), client, method, url, claimed, status, milliseconds, trace })
  })
}
