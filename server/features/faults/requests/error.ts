/** Requests that are answered by an error, before their route has its turn. */
import { STATUS_CODES } from 'node:http'
import type { MakeFault } from '../action.ts'
import type { ErrorAnswer, Exchange } from './exchange.ts'
import { requestFault } from './request-fault.ts'

/** Answers a request by this error. */
export const answeringBy =
  (error: ErrorAnswer) =>
  (exchange: Exchange): void => {
    exchange.error = error
    exchange.mark(`error=${error.status}`)
  }

export const makeError: MakeFault<'error'> = (order) => {
  const { status = 503, retryAfter = 0 } = order
  const named = `${status}${STATUS_CODES[status] === undefined ? '' : ` ${STATUS_CODES[status]}`}`
  const hint = retryAfter === 0 ? '' : ` and Retry-After: ${retryAfter}`
  return requestFault(
    order,
    { status, retryAfter },
    (requests) => `answers ${requests} with ${named}${hint}`,
    answeringBy({ status, retryAfter }),
  )
}
