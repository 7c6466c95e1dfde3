/** The routes that answer as they are told to, by any method that has a body or wants one. */
import type { FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import { HttpError, withStatus } from '../../http/errors.ts'
import { hijacked } from '../../http/hijack.ts'
import type { Http } from '../../http/http.ts'
import { longestSeconds, secondsIn, type Pauses } from '../../http/pauses.ts'
import { nothing, schemasOf, text } from '../../http/schemas.ts'
import { sentHeaders } from '../../http/sent-headers.ts'
import { untilClosed } from '../../http/until-closed.ts'
import { upgradeOf } from '../../http/upgrade.ts'
import { drawStatus } from './statuses.ts'
import { RefusedHandshake, type WebSockets } from './web-sockets.ts'
import type { DelayAnswer, StatusAnswer } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

export const webSocketPath = '/ws/echo'

/** Those that httpbin takes, but TRACE. One route takes all of them: each route costs a start some of its time. */
const reading = ['GET', 'HEAD']
const sending = ['POST', 'PUT', 'PATCH', 'DELETE']
const anyMethod = { method: [...reading, ...sending], exposeHeadRoute: false }

/** Nothing is changed by them, whatever their method. */
const changesNothing = { exemptFrom: ['read-only'] }

const ending = 'this server is shutting down'

/** Mounts the routes of HTTP alone. */
export function echoRoutes(http: Http, pauses: Pauses): void {
  statusRoute(http)
  delayRoute(http, pauses)
  echoRoute(http, reading)
  echoRoute(http, sending)
  headersRoute(http)
  chunkedRoutes(http, pauses)
}

function statusRoute(http: Http): void {
  http.route({
    ...anyMethod,
    url: '/status/:codes',
    config: changesNothing,
    schema: {
      summary: 'The status that is asked for, or one that is drawn',
      params: schemaOf('StatusPath'),
      response: { 200: schemaOf('StatusAnswer') },
    },
    handler: ({ params: { codes } }, reply) => answerStatus(codes, reply),
  })
}

/** Those of which no answer has a body (RFC 9110, section 15). */
const bodiless: readonly number[] = [204, 205, 304]

function answerStatus(codes: string, reply: FastifyReply): StatusAnswer | undefined {
  const status = drawStatus(codes)
  if (status === undefined)
    throw new HttpError(
      400,
      `there is no status ${JSON.stringify(codes)}, but 200 to 599, or 200:0.9,503:0.1`,
    )
  void reply.code(status).headers(headersOf(status))
  if (!bodiless.includes(status)) return { status }
  void reply.send()
  return undefined
}

/** What an answer of some statuses has to say. A redirect leads to a success, below the same prefix. */
function headersOf(status: number): Readonly<Record<string, string>> {
  if ([301, 302, 303, 307, 308].includes(status)) return { location: '200' }
  if (status === 401) return { 'www-authenticate': 'Basic realm="kuard"' }
  if (status === 407) return { 'proxy-authenticate': 'Basic realm="kuard"' }
  return {}
}

function delayRoute(http: Http, pauses: Pauses): void {
  http.route({
    ...anyMethod,
    url: '/delay/:time',
    config: changesNothing,
    schema: {
      summary: 'An answer after a time',
      params: schemaOf('DelayPath'),
      response: { 200: schemaOf('DelayAnswer'), 503: text(ending) },
    },
    handler: async ({ params: { time } }, reply) => {
      const delay = delayIn(time)
      if (await waited(pauses, delay, reply)) return { delay }
      throw new HttpError(503, ending)
    },
  })
}

/** @throws HttpError when there is no such time */
function delayIn(time: string): number {
  const seconds = secondsIn(time)
  if (seconds !== undefined) return seconds
  const words = `${JSON.stringify(time)} is no time up to ${longestSeconds} s, such as 2, 0.5, 200ms, 2s or 1m`
  throw new HttpError(400, words)
}

/** Connections on which nothing moves are closed after some minutes; one that is quiet on purpose has longer, in milliseconds. */
const quietMs = (longestSeconds + 300) * 1000

/** @returns whether the time was waited for, by a client that is still there */
function waited(pauses: Pauses, seconds: number, reply: FastifyReply): Promise<boolean> {
  reply.raw.setTimeout(quietMs)
  return pauses.wait(seconds, untilClosed(reply))
}

/** The body as it came, and named as it was; a browser shows it, but runs nothing that is in it. */
function echoRoute(http: Http, method: string[]): void {
  const schema: FastifySchema = {
    summary: 'The body that was sent, with its Content-Type',
    ...(method === sending && { body: text() }),
    response: { 202: { description: 'the body', content: { '*/*': { schema: text() } } } },
  }
  http.route({
    method,
    url: '/echo',
    exposeHeadRoute: false,
    config: { ...changesNothing, bytes: true },
    schema,
    handler(request, reply) {
      void reply
        .code(202)
        .header('content-type', contentTypeOf(request) ?? 'text/plain; charset=utf-8')
        .header('content-security-policy', 'sandbox')
        .send(request.body ?? '')
    },
  })
}

/** As it was sent: what others read of it is always the same. */
const contentTypeOf = ({ raw }: FastifyRequest): string | undefined =>
  sentHeaders(raw).find(([name]) => name.toLowerCase() === 'content-type')?.[1]

function headersRoute(http: Http): void {
  http.route({
    method: [...reading, 'POST'],
    url: '/headers',
    exposeHeadRoute: false,
    config: changesNothing,
    schema: { summary: 'The headers that were sent', response: { 200: schemaOf('HeadersAnswer') } },
    handler: ({ raw }) => ({ headers: headersIn(sentHeaders(raw)) }),
  })
}

/** By the names that other servers give them, and in their order. */
function headersIn(sent: readonly (readonly [name: string, value: string])[]): Record<string, string> {
  const headers = new Map<string, string>()
  for (const [name, value] of sent) {
    const usual = name.toLowerCase().replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase())
    const before = headers.get(usual)
    headers.set(usual, before === undefined ? value : `${before},${value}`)
  }
  return Object.fromEntries([...headers].sort(([one], [other]) => (one < other ? -1 : 1)))
}

/** Where none is asked for, a pause is of so many seconds, as podinfo has it. */
const anyPause = { from: 10, below: 30 }

function chunkedRoutes(http: Http, pauses: Pauses): void {
  const schema = {
    summary: 'An answer whose head comes at once, and whose body after a time',
    response: { 200: schemaOf('DelayAnswer') },
  }
  const exposeHeadRoute = false
  http.get('/chunked', { schema, exposeHeadRoute }, (_request, reply) => {
    const { from, below } = anyPause
    return answerInPieces(pauses, Math.floor(from + Math.random() * (below - from)), reply)
  })
  http.get(
    '/chunked/:time',
    { schema: { ...schema, params: schemaOf('DelayPath') }, exposeHeadRoute },
    ({ params: { time } }, reply) => answerInPieces(pauses, delayIn(time), reply),
  )
}

async function answerInPieces(pauses: Pauses, delay: number, reply: FastifyReply): Promise<void> {
  const response = hijacked(reply)
  response.flushHeaders()
  const answer: DelayAnswer = { delay }
  if (await waited(pauses, delay, reply)) response.end(`${JSON.stringify(answer)}\n`)
  // Half an answer must not pass for a whole one.
  else response.destroy()
}

const statuses = { 'not valid': 400, 'no room': 503 } as const

/** Mounts the route that sends back what it is sent. */
export function webSocketRoute(http: Http, webSockets: WebSockets): void {
  const route = {
    // A page of any site may open one, and read what comes.
    config: { ...changesNothing, unsafe: true, endless: true },
    schema: {
      summary: 'A WebSocket that sends back each message',
      response: {
        101: nothing('the connection is a WebSocket'),
        426: text('a WebSocket has to be asked for'),
        503: text('there are too many already, or this server is shutting down'),
      },
    },
    errorHandler: withStatus((error) =>
      error instanceof RefusedHandshake ? statuses[error.refusal] : undefined,
    ),
    exposeHeadRoute: false,
  }
  http.get(webSocketPath, route, async (request, reply) => {
    const upgrade = upgradeOf(request)
    if (!upgrade) throw needsUpgrade(request, reply)
    await webSockets.open({
      ...upgrade,
      request: request.raw,
      begin: () => headOf(reply),
    })
  })
}

function needsUpgrade({ raw }: FastifyRequest, reply: FastifyReply): HttpError {
  // HTTP/2 has no such header.
  if (raw.httpVersionMajor === 1) void reply.header('upgrade', 'websocket')
  return new HttpError(426, 'this is a WebSocket: ask for it by Upgrade: websocket, in HTTP/1.1')
}

/** Takes the answer over, and gives the lines that it shares with all others. */
function headOf(reply: FastifyReply): string[] {
  const response = hijacked(reply)
  response.statusCode = 101
  return Object.entries(response.getHeaders()).map(([name, value]) => `${name}: ${String(value)}`)
}
