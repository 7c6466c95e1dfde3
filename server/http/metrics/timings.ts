/**
 * The request_duration_seconds histogram. Counted in typed arrays, since it is on the path of every request, and
 * given to prom-client when it is scraped.
 */
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import type { Prometheus } from './prometheus.ts'

/** Upper bounds in seconds: prom-client's own with a finer lower end, since most answers take under a millisecond. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** A request that no route takes counts under this one; so a client can't add to the label set. */
const unknownRoute = 'unknown'
const commonMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

interface Series {
  /** How many fell into each bucket alone; the last one is above every bound. */
  readonly buckets: Uint32Array
  seconds: number
}

/** The timings of one method and route, by status code. */
export class RouteTimings {
  readonly labels: { readonly method: string; readonly route: string }
  readonly byStatus = new Map<number, Series>()
  // Most answers have the status of the one before.
  #lastStatus = 0
  #last: Series = newSeries()

  constructor(method: string, route: string) {
    this.labels = { method, route }
  }

  /** Counts one answer. */
  observe(status: number, seconds: number): void {
    if (status !== this.#lastStatus) this.#turnTo(status)
    let bucket = 0
    while (seconds > (bounds[bucket] ?? Infinity)) bucket += 1
    const { buckets } = this.#last
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
    this.#last.seconds += seconds
  }

  #turnTo(status: number): void {
    this.#last = this.byStatus.get(status) ?? newSeries()
    this.#lastStatus = status
    this.byStatus.set(status, this.#last)
  }
}

const newSeries = (): Series => ({ buckets: new Uint32Array(bounds.length + 1), seconds: 0 })

/** The timings of every route. */
export class RequestTimings {
  readonly #all: RouteTimings[] = []
  readonly #unrouted = new Map<string, RouteTimings>()

  /** Gives each route of the app its timings as it is made, in its config. */
  watch(http: FastifyInstance): void {
    http.addHook('onRoute', (route) => {
      route.config = { ...route.config, timings: this.#add([route.method].flat().join(), route.url) }
    })
  }

  /** The timings of requests that no route takes. */
  unrouted(method: string): RouteTimings {
    const label = commonMethods.has(method) ? method : 'other'
    const timings = this.#unrouted.get(label) ?? this.#add(label, unknownRoute)
    this.#unrouted.set(label, timings)
    return timings
  }

  /** Registers the histogram. */
  register({ Histogram }: Prometheus, registry: Registry): void {
    const name = 'request_duration_seconds'
    const help = 'Time from a request to the end of its answer.'
    const labelNames = ['method', 'route', 'status_code'] as const
    const histogram = new Histogram({ name, help, labelNames, buckets: bounds, registers: [registry] })
    // Ours are the counts, prom-client's is the text: it asks the second of these if there is one.
    const described = { name, help, type: 'histogram', aggregator: 'sum' }
    const get = () => Promise.resolve({ ...described, values: this.#values(name) })
    Object.assign(histogram, { get, getForPromString: get })
  }

  #add(method: string, route: string): RouteTimings {
    const timings = new RouteTimings(method, route)
    this.#all.push(timings)
    return timings
  }

  #values(name: string) {
    return this.#all.flatMap((timings) =>
      [...timings.byStatus].flatMap(([status, { buckets, seconds }]) => {
        const labels = { ...timings.labels, status_code: status }
        let count = 0
        const cumulative = [...bounds, '+Inf'].map((le, index) => {
          count += buckets[index] ?? 0
          return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count }
        })
        return [
          ...cumulative,
          { metricName: `${name}_sum`, labels, value: seconds },
          { metricName: `${name}_count`, labels, value: count },
        ]
      }),
    )
  }
}
