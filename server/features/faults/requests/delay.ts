/** Requests that wait before their route has its turn, all for as long or each for a time of its own. */
import { BadOrder, type MakeFault } from '../action.ts'
import type { Exchange } from './exchange.ts'
import { Held } from './held.ts'
import { requestFault } from './request-fault.ts'
import type { RequestFault } from './touch.ts'

/** As an order has them, in milliseconds; a request may be delayed by this at most. */
const longestMs = 600_000

/** Connections on which nothing moves are closed after some minutes; one that is quiet on purpose has longer, in milliseconds. */
const quietMs = longestMs + 300_000

/** How many standard deviations the 99th percentile is above the median of a normal distribution. */
const deviationsOfP99 = 2.3263

/** How long a request is delayed, in milliseconds. */
export interface Spread {
  readonly ms: number
  /** With it `ms` is the median of a log-normal distribution, which is what latencies often are like. */
  readonly p99Ms?: number
}

/** Delays a request. */
export const delayingBy = (spread: Spread, held: Held): RequestFault['touch'] => {
  const draw = drawing(spread)
  return (exchange) => {
    const ms = draw()
    exchange.mark(`delay=${Math.round(ms)}ms`)
    return wait(ms, exchange, held)
  }
}

/** Resolves after this time, or as soon as the client has left or the request is let go. */
function wait(ms: number, exchange: Exchange, held: Held): Promise<void> {
  const { response } = exchange
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const leave = () => {
    exchange.isOver = true
    goOn()
  }
  const goOn = () => {
    clearTimeout(timer)
    forget()
    response.off('close', leave)
    resolve(undefined)
  }
  const timer = setTimeout(goOn, ms)
  response.setTimeout(quietMs)
  const forget = held.add(goOn)
  response.once('close', leave)
  return promise
}

function drawing({ ms, p99Ms }: Spread): () => number {
  if (p99Ms === undefined) return () => ms
  const deviation = Math.log(p99Ms / ms) / deviationsOfP99
  return () => Math.min(longestMs, ms * Math.exp(deviation * normal()))
}

/** A number of the standard normal distribution, by the method of Box and Muller. */
const normal = (): number =>
  Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random())

export const makeDelay: MakeFault<'delay'> = (order) => {
  const { ms, p99Ms } = order
  if (p99Ms !== undefined && p99Ms < ms)
    throw new BadOrder(`p99Ms must not be below ms, which is the median: ${p99Ms} is below ${ms}`)
  const spread = { ms, ...(p99Ms === undefined ? {} : { p99Ms }) }
  const held = new Held()
  const howLong =
    p99Ms === undefined ? `${ms} ms` : `${ms} ms in the median, ${p99Ms} ms at the 99th percentile`
  return requestFault(
    order,
    spread,
    (requests) => `delays ${requests} by ${howLong}`,
    delayingBy(spread, held),
    () => {
      held.end()
    },
  )
}
