/** How long each route's answers took, by method and status. */
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import { Durations, registerDurations, type Labels } from './histogram.ts'
import type { Prometheus } from './prometheus.ts'

/** A request that no route takes counts under this one; so a client can't add to the label set. */
const unknownRoute = 'unknown'
const commonMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** The timings of one method and route, by status code. */
export class RouteTimings {
  readonly #labels: Omit<Labels, 'status_code'>
  readonly #byStatus = new Map<number, Durations>()
  // Most answers have the status of the one before.
  #lastStatus = 0
  #last = new Durations()

  constructor(method: string, route: string) {
    this.#labels = { method, route }
  }

  /** Counts one answer. */
  observe(status: number, seconds: number): void {
    if (status !== this.#lastStatus) this.#turnTo(status)
    this.#last.observe(seconds)
  }

  /** Those of each status, with their labels. */
  series(): (readonly [Labels, Durations])[] {
    return [...this.#byStatus].map(([status, durations]) => [
      { ...this.#labels, status_code: status },
      durations,
    ])
  }

  #turnTo(status: number): void {
    this.#last = this.#byStatus.get(status) ?? new Durations()
    this.#lastStatus = status
    this.#byStatus.set(status, this.#last)
  }
}

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

  /** Registers the histogram of all of them. */
  register(prometheus: Prometheus, registry: Registry): void {
    registerDurations(prometheus, registry, () => this.#all.flatMap((timings) => timings.series()))
  }

  #add(method: string, route: string): RouteTimings {
    const timings = new RouteTimings(method, route)
    this.#all.push(timings)
    return timings
  }
}
