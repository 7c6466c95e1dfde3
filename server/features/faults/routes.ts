/** The routes of the faults, those that are on, new ones and their end; and the requests that they touch. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { HttpError, withStatus } from '../../http/errors.ts'
import type { Http } from '../../http/http.ts'
import { pathOf, withoutPrefix } from '../../http/prefix.ts'
import { schemasOf, text } from '../../http/schemas.ts'
import { BadOrder } from './action.ts'
import type { Faults } from './faults.ts'
import { isFaultKind, kindNames } from './kinds.ts'
import { Exchange, type ErrorAnswer } from './requests/exchange.ts'
import type { Held } from './requests/held.ts'
import { touch, type RequestFault } from './requests/touch.ts'
import type { FaultKind, FaultOrder } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

const config = { exemptFrom: ['faults'] }
const response = { 200: schemaOf('FaultsState') }
const params = schemaOf('FaultPath')
const unknown = { 404: text('no fault has this name') }
const errorHandler = withStatus((error) => (error instanceof BadOrder ? 400 : undefined))

/**
 * Mounts every route.
 * @param isEnding whether the process ends, so that no fault may begin
 */
export function faultRoutes(http: Http, faults: Faults, isEnding: () => boolean): void {
  const all = { summary: 'The faults that are on, and the last that have ended', response }
  http.get('/faults', { config, schema: all }, () => faults.state())

  http.delete('/faults', { config, schema: { summary: 'Ends all faults', response } }, async () => {
    await faults.takeBackAll()
    return faults.state()
  })

  const begin = {
    summary: 'Begins a fault, in place of the one of its kind that is on',
    params,
    body: schemaOf('AnyFaultOrder'),
    response: { ...response, ...unknown, 503: text('this server is shutting down') },
  }
  // That it is an order of this kind is checked below; the document alone has all of them.
  const checkedBelow = { attachValidation: true }
  http.put(
    '/faults/:kind',
    { config, schema: begin, errorHandler, ...checkedBelow },
    async ({ params, body }) => {
      const kind = kindOf(params)
      const order = await orderOf(kind, body)
      if (isEnding()) throw new HttpError(503, 'this server is shutting down')
      await faults.begin(kind, order)
      return faults.state()
    },
  )

  const end = { summary: 'Ends a fault', params, response: { ...response, ...unknown } }
  http.delete('/faults/:kind', { config, schema: end }, async ({ params }) => {
    await faults.takeBack(kindOf(params))
    return faults.state()
  })
}

/** As podinfo's. */
const panicCode = 255

/**
 * Mounts `/panic`, which is a crash by a code.
 * @param isEnding whether the process ends already
 */
export function panicRoute(http: Http, faults: Faults, isEnding: () => boolean): void {
  http.route({
    method: ['GET', 'POST'],
    url: '/panic',
    exposeHeadRoute: false,
    config: { ...config, unsafe: true },
    schema: {
      summary: `Ends the process by the code ${panicCode}; a browser's GET doesn't, since a link may have made it`,
      response: { 202: text('it ends now'), 503: text('this server is shutting down') },
    },
    handler: async (request, reply) => {
      if (request.method === 'GET' && isOfBrowser(request)) {
        const words =
          'a GET of a browser ends nothing here, since a link or another page may have made it; a POST does'
        throw new HttpError(403, words)
      }
      if (isEnding()) throw new HttpError(503, 'this server is shutting down')
      await faults.begin('crash', { code: panicCode })
      return reply.code(202).type('text/plain; charset=utf-8').send(`ends with code ${panicCode}\n`)
    },
  })
}

/** All browsers call themselves Mozilla, as most of what follows links does, and no page can have them leave that out of what it loads. */
const isOfBrowser = ({ headers }: FastifyRequest): boolean =>
  /^mozilla\//i.test(headers['user-agent'] ?? '') ||
  ['sec-fetch-dest', 'sec-purpose', 'purpose', 'referer'].some((name) => name in headers)

/** @throws HttpError when the body is no order of this kind */
async function orderOf<Kind extends FaultKind>(kind: Kind, body: unknown): Promise<FaultOrder<Kind>> {
  const [{ faultOrders }, { checkedBody }] = await Promise.all([
    import('./wire.ts'),
    import('../../http/validator.ts'),
  ])
  return checkedBody(faultOrders[kind], body)
}

function kindOf({ kind }: { readonly kind: string }): FaultKind {
  if (isFaultKind(kind)) return kind
  throw new HttpError(404, `there is no fault named ${kind}, but ${kindNames.join(', ')}`)
}

/** Whether a request has a fault in its query, by a quick look. */
export const asksForFaults = ({ originalUrl }: FastifyRequest): boolean => originalUrl.includes('fault.')

/**
 * Lets faults have their turn at a request: those that it asks for by its query, and those that are on. Throws the error that one of
 * them answers it by.
 * @param held remembers requests that are held up by what they ask for; undefined where none may ask
 */
export async function touchRequest(
  faults: Faults,
  held: Held | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const exchange = new Exchange(request.raw, reply.raw)
  const asked = asksForFaults(request) ? await faultsAskedFor(request, held) : []
  const meant = [...asked, ...(showsPage(request) ? [] : faults.ofRequests)]
  const { originalUrl, routeOptions } = request
  const paths = [pathOf(originalUrl), pathOf(withoutPrefix(originalUrl))]
  await touch(exchange, { paths, isProbe: routeOptions.config.probe === true }, meant, (kind, fault) => {
    faults.countTouched(kind, fault)
  })
  if (exchange.isOver) void reply.hijack()
  else if (exchange.error) throw errorOf(exchange.error, reply)
}

async function faultsAskedFor(
  { originalUrl }: FastifyRequest,
  held: Held | undefined,
): Promise<(readonly [FaultKind, RequestFault])[]> {
  const query = /\?[^#]*/.exec(originalUrl)?.[0].slice(1) ?? ''
  if (!/(?:^|&)fault\./.test(query)) return []
  if (!held) throw new HttpError(403, 'no request may ask for faults by its query here (--fault-by-query)')
  const { faultsIn } = await import('./requests/by-query.ts')
  try {
    return faultsIn(query, held)
  } catch (error) {
    throw error instanceof BadOrder ? new HttpError(400, error.message) : error
  }
}

/** A browser has to find the page that takes faults back. */
const showsPage = ({ routeOptions, headers }: FastifyRequest): boolean =>
  routeOptions.config.page === true && headers.accept?.includes('text/html') === true

function errorOf({ status, retryAfter }: ErrorAnswer, reply: FastifyReply): HttpError {
  if (retryAfter > 0) void reply.header('retry-after', retryAfter)
  return new HttpError(status, `${status} by a fault of this server, as it was told`)
}
