/** GET /events, as server-sent events (WHATWG HTML, section 9.2). */
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { hijacked } from '../http/hijack.ts'
import type { Http } from '../http/http.ts'
import { schemasOf, text, type LateSchema } from '../http/schemas.ts'
import { frameOf } from './frame.ts'
import type { EventHub } from './hub.ts'
import { wantedIn } from './wanted.ts'
import type { StreamIdentity } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  // nginx would collect events before it passes them on.
  'x-accel-buffering': 'no',
}

/** How long a browser waits before it connects anew, in milliseconds. */
const retry = Buffer.from('retry: 2000\n')

/** How long a connection is quiet before the system asks whether its other end is still there, in milliseconds. */
const keepAliveProbeMs = 60_000

const summary = 'A stream of events: one named identity, then each topic’s state, now and whenever it changes'
const description = [
  'Each event has JSON for its data. An event named as a topic has its state; `watch` the path too.',
  'Of the list in a state over 4 KiB, such as MemQ’s queues, `changes` tell what is different from the event before.',
  '`failure` says that a topic can’t be read now; it is tried each second. `heartbeat` comes every 5 seconds.',
  'A stream brings 1 MiB a second at most; a client that is slower gets the latest state, not those between.',
].join(' ')

/**
 * @param names of the topics without a parameter
 * @param event the shape of an event
 * @param identify says who answers, and what is on
 */
export function eventsRoutes(
  http: Http,
  hub: EventHub,
  names: readonly string[],
  event: LateSchema,
  identify: () => StreamIdentity,
): void {
  const schema = {
    summary,
    description,
    querystring: schemaOf('EventsQuery'),
    response: {
      200: {
        description: 'events, each of one of these shapes',
        content: { 'text/event-stream': { schema: event } },
      },
      503: text('too many streams or paths, or this server is shutting down'),
    },
  }
  http.get('/events', { schema, config: { endless: true, exemptFrom: ['faults'] } }, (request, reply) => {
    if (request.method === 'HEAD') {
      reply.headers(headers).send('')
      return
    }
    const { query } = request
    const hello = Buffer.concat([retry, frameOf('identity', identify())])
    const { lenient, once = false } = query
    hub.open({ wanted: wantedIn(query, names), hello, lenient, once, begin: () => beginStream(reply, once) })
  })
}

/** @param once whether it ends soon, and its connection may be used again */
function beginStream(reply: FastifyReply, once: boolean): ServerResponse {
  reply.headers(headers)
  // In HTTP/1 nothing can follow a stream on its connection, so that is closed when the stream ends.
  if (!once && reply.request.raw.httpVersionMajor === 1) reply.header('connection', 'close')
  const raw = hijacked(reply)
  raw.socket?.setKeepAlive(true, keepAliveProbeMs)
  return raw
}
