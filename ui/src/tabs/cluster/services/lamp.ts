/** What a lamp shows of an endpoint. */
import type { Endpoint } from '../../../../../server/features/cluster/wire.ts'
import type { EndpointFigures } from '../figures.ts'
import { valueAt, type Span } from '../spans.ts'

/** In the order of how much is sent there. */
export type LampState = 'ready' | 'serving' | 'not ready' | 'terminating' | 'gone'

export interface Lamp {
  readonly state: LampState
  readonly word: string
}

/**
 * What an endpoint's conditions come to:
 * https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions
 * @param endpoint undefined if it is no more
 */
export function lampOf(endpoint: Pick<Endpoint, 'ready' | 'serving' | 'terminating'> | undefined): Lamp {
  if (!endpoint) return { state: 'gone', word: 'gone' }
  const { ready, serving, terminating } = endpoint
  if (terminating) {
    return serving
      ? { state: 'serving', word: 'terminating, still serving' }
      : { state: 'terminating', word: 'terminating' }
  }
  if (!ready) return { state: 'not ready', word: 'not ready' }
  // publishNotReadyAddresses.
  return { state: 'ready', word: serving ? 'ready' : 'ready, though its pod is not' }
}

/** One lamp from one time to another; both in milliseconds since 1970. */
export interface LampSpan {
  readonly lamp: Lamp
  readonly start: number
  /** Left out while it still is so. */
  readonly end?: number
}

export const lampSpans = (spans: readonly Span<EndpointFigures>[]): LampSpan[] =>
  spans.map(({ value, ...times }) => ({ lamp: lampOf(value), ...times }))

/** One endpoint that is there, or was within the last few minutes. */
export interface ShownEndpoint extends EndpointFigures {
  readonly key: string
  readonly lamp: Lamp
  readonly spans: readonly LampSpan[]
}

/** A lamp that changed. */
export interface LampChange {
  readonly id: string
  readonly time: number
  readonly endpoint: ShownEndpoint
  readonly lamp: Lamp
}

/**
 * When the lamps changed, newest first; what was so when it was first looked at is no change.
 * @param known when the endpoints were followed, oldest first
 */
export function lampChanges(endpoints: readonly ShownEndpoint[], known: readonly Span<true>[]): LampChange[] {
  const isSeen = (time: number): boolean => valueAt(known, time) === true && !begins(time)
  const begins = (time: number): boolean => known.some(({ start }) => start === time)
  const changes = endpoints.flatMap((endpoint) =>
    endpoint.spans.flatMap(({ lamp, start, end }, index) => {
      const change = (time: number, next: Lamp): LampChange => ({
        ...{ id: `${endpoint.key}/${String(time)}/${next.word}`, time, endpoint },
        lamp: next,
      })
      const wentOn = end === undefined || endpoint.spans[index + 1]?.start === end
      return [
        ...(isSeen(start) ? [change(start, lamp)] : []),
        ...(!wentOn && isSeen(end) ? [change(end, lampOf(undefined))] : []),
      ]
    }),
  )
  return changes.sort((one, other) => other.time - one.time)
}
