/** The routes of the faults: those that are on, new ones, and their end. */
import { HttpError, withStatus } from '../../http/errors.ts'
import type { Http } from '../../http/http.ts'
import { schemasOf, text } from '../../http/schemas.ts'
import { BadOrder } from './action.ts'
import type { Faults } from './faults.ts'
import { isFaultKind, kindNames } from './kinds.ts'
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
  http.put('/faults/:kind', { config, schema: begin, errorHandler }, async ({ params, body }) => {
    const kind = kindOf(params)
    const order = await orderOf(kind, body)
    if (isEnding()) throw new HttpError(503, 'this server is shutting down')
    await faults.begin(kind, order)
    return faults.state()
  })

  const end = { summary: 'Ends a fault', params, response: { ...response, ...unknown } }
  http.delete('/faults/:kind', { config, schema: end }, async ({ params }) => {
    await faults.takeBack(kindOf(params))
    return faults.state()
  })
}

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
