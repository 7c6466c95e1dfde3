/** GET /events, as server-sent events (WHATWG HTML, section 9.2). */
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import * as Type from 'typebox'
import type { Http } from '../http/http.ts'
import { frameOf } from './channel.ts'
import type { EventHub } from './hub.ts'
import { EventsQuery, type StreamIdentity } from './wire.ts'

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  // nginx would collect events before it passes them on.
  'x-accel-buffering': 'no',
  // Nothing can follow a stream on its connection, so that is closed when the stream ends.
  connection: 'close',
}

/** How long a browser waits before it connects anew, in milliseconds. */
const retry = Buffer.from('retry: 2000\n')

/** How long a connection is quiet before the system asks whether its other end is still there, in milliseconds. */
const keepAliveProbeMs = 60_000

/** @param identify says who answers, and what is on */
export function eventsRoutes(http: Http, hub: EventHub, identify: () => StreamIdentity): void {
  const schema = {
    summary: 'A stream of events: one named identity, then each topic’s state, now and whenever it changes',
    querystring: EventsQuery,
    response: {
      200: Type.String(),
      503: Type.String({ description: 'too many streams or paths, or this server is shutting down' }),
    },
    produces: ['text/event-stream'],
  }
  http.get('/events', { schema, config: { endless: true } }, (request, reply) => {
    if (request.method === 'HEAD') {
      reply.headers(headers).send('')
      return
    }
    const hello = Buffer.concat([retry, frameOf('identity', identify())])
    hub.open(request.query.watch ?? [], hello, () => beginStream(reply))
  })
}

function beginStream(reply: FastifyReply): ServerResponse {
  const { raw } = reply.hijack()
  raw.socket?.setKeepAlive(true, keepAliveProbeMs)
  // Those that the hooks have set are sent along, the name of the pod for one.
  for (const [name, value] of Object.entries(reply.headers(headers).getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value)
  }
  return raw
}
