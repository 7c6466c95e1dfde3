/** How long each route's answers took, by method, scheme and status. */
import type { FastifyInstance } from 'fastify'
import type { Span } from '../../tracing/tracing.ts'
import { Durations } from './durations.ts'

const commonMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/**
 * So many statuses of a route are counted each by itself, which are all that it has on purpose; others, as a client may ask for, count as the first
 * of their class, as which they are to be understood (RFC 9110, section 15).
 */
const maxStatuses = 32

/** What a request came by. */
export type Scheme = 'http' | 'https'

/** One series: its durations, and what they are of. */
export interface Series {
  /** Undefined for a method that is none of the common ones; so a client can't add to the label set. */
  readonly method: string | undefined
  /** Undefined where no route took the request. */
  readonly route: string | undefined
  readonly status: number
  readonly scheme: Scheme
  readonly durations: Durations
}

/** The timings of one method, route and scheme, by status code. */
export class SchemeTimings {
  readonly #byStatus = new Map<number, Durations>()
  // Most answers have the status of the one before.
  #lastStatus = 0
  #last: Durations | undefined

  /** Counts one answer. @param span of its request; one that will be sent becomes an exemplar */
  observe(status: number, seconds: number, span?: Span): void {
    if (this.#last === undefined || status !== this.#lastStatus) this.#last = this.#of(status)
    this.#lastStatus = status
    this.#last.observe(seconds, span)
  }

  /** Those of each status. */
  get all(): Iterable<readonly [status: number, Durations]> {
    return this.#byStatus
  }

  #of(status: number): Durations {
    const known = this.#byStatus.get(status)
    if (known) return known
    const counted = this.#byStatus.size < maxStatuses ? status : Math.floor(status / 100) * 100
    const durations = this.#byStatus.get(counted) ?? new Durations()
    this.#byStatus.set(counted, durations)
    return durations
  }
}

/** The timings of one method and route. */
export class RouteTimings {
  readonly #method: string | undefined
  readonly #route: string | undefined
  readonly #http = new SchemeTimings()
  #https: SchemeTimings | undefined
  /** Of the other methods that the same route takes, if it takes several. */
  readonly #others: ReadonlyMap<string, RouteTimings> | undefined

  constructor(
    method: string | undefined,
    route: string | undefined,
    others?: ReadonlyMap<string, RouteTimings>,
  ) {
    this.#method = method
    this.#route = route
    this.#others = others
  }

  /** Those of a method that the route takes. */
  of(method: string): RouteTimings {
    return this.#others?.get(method) ?? this
  }

  /** Those of the requests that came by one scheme. */
  over(scheme: Scheme): SchemeTimings {
    return scheme === 'http' ? this.#http : (this.#https ??= new SchemeTimings())
  }

  get series(): Series[] {
    const of = (scheme: Scheme, timings: SchemeTimings | undefined) =>
      Array.from(timings?.all ?? [], ([status, durations]) => ({
        method: this.#method,
        route: this.#route,
        status,
        scheme,
        durations,
      }))
    return [...of('http', this.#http), ...of('https', this.#https)]
  }
}

/** The timings of every route. */
export class RequestTimings {
  readonly #all: RouteTimings[] = []
  readonly #unrouted = new Map<string | undefined, RouteTimings>()

  /** Gives each route of the app its timings as it is made, in its config. */
  watch(http: FastifyInstance): void {
    http.addHook('onRoute', (route) => {
      const [method, ...others] = [route.method].flat()
      const ofOthers = others.map((other) => [other, this.#add(other, route.url)] as const)
      const timings = this.#add(method, route.url, others.length > 0 ? new Map(ofOthers) : undefined)
      route.config = { ...route.config, timings }
    })
  }

  /** The timings of requests that no route takes. */
  unrouted(method: string): RouteTimings {
    const common = commonMethods.has(method) ? method : undefined
    const timings = this.#unrouted.get(common) ?? this.#add(common, undefined)
    this.#unrouted.set(common, timings)
    return timings
  }

  /** Every series that has been counted so far. */
  get series(): Series[] {
    return this.#all.flatMap((timings) => timings.series)
  }

  #add(
    method: string | undefined,
    route: string | undefined,
    others?: ReadonlyMap<string, RouteTimings>,
  ): RouteTimings {
    const timings = new RouteTimings(method, route, others)
    this.#all.push(timings)
    return timings
  }
}
