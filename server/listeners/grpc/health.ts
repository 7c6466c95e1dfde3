/** grpc.health.v1.Health, which answers as the probes do: https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
import { status, type ServerWritableStream } from '@grpc/grpc-js'
import type { Topic } from '../../state/topic.ts'
import { enumeration, message, nested, repeated, string, type Said } from './protobuf.ts'
import { serverStream, StatusError, unary, type Service } from './service.ts'

const serving = { UNKNOWN: 0, SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 }

const HealthCheckRequest = message('HealthCheckRequest', { service: string(1) })
const HealthCheckResponse = message('HealthCheckResponse', {
  status: enumeration(1, { name: 'HealthCheckResponse.ServingStatus', values: serving }),
})
const HealthListRequest = message('HealthListRequest', {})
const StatusesEntry = {
  ...message('HealthListResponse.StatusesEntry', { key: string(1), value: nested(2, HealthCheckResponse) }),
  isMapEntry: true,
}
const HealthListResponse = message('HealthListResponse', { statuses: repeated(nested(1, StatusesEntry)) })

/** A health check of the process, as its GET asks it. */
export interface Probe {
  /** What the next call will be answered. */
  readonly verdict: { readonly healthy: boolean }
  readonly changes: Pick<Topic, 'subscribe'>
  call(): { readonly healthy: boolean }
}

type WatchCall = ServerWritableStream<
  Said<typeof HealthCheckRequest>,
  Partial<Said<typeof HealthCheckResponse>>
>

/**
 * A Check is a call of the probe, as a GET is; a Watch and a List only look at the state.
 * @param probes those that are on, by name; the empty name is all of them
 */
export function health(probes: ReadonlyMap<string, Probe>): Service {
  const services = new Map<string, readonly Probe[]>([
    ['', [...probes.values()]],
    ...[...probes].map(([name, probe]): [string, Probe[]] => [name, [probe]]),
  ])
  return {
    file: 'grpc/health/v1/health.proto',
    package: 'grpc.health.v1',
    name: 'Health',
    isQuiet: true,
    methods: {
      Check: unary(HealthCheckRequest, HealthCheckResponse, ({ service }) => {
        const asked = services.get(service)
        if (asked) return { status: statusOf(asked.map((probe) => probe.call().healthy)) }
        throw new StatusError(
          status.NOT_FOUND,
          `there is no service ${JSON.stringify(service.slice(0, 100))}`,
        )
      }),
      Watch: serverStream(HealthCheckRequest, HealthCheckResponse, (call) => {
        watch(services.get(call.request.service), call)
      }),
      List: unary(HealthListRequest, HealthListResponse, () => ({
        statuses: [...services].map(([key, asked]) => ({ key, value: { status: stateOf(asked) } })),
      })),
    },
  }
}

/** Tells what the state is, and then each change of it. */
function watch(asked: readonly Probe[] | undefined, call: WatchCall): void {
  if (!asked) {
    call.write({ status: serving.SERVICE_UNKNOWN })
    return
  }
  let last: number | undefined
  const tell = () => {
    const state = stateOf(asked)
    if (state !== last) call.write({ status: state })
    last = state
  }
  tell()
  const stops = asked.map((probe) => probe.changes.subscribe(tell))
  call.once('cancelled', () => {
    for (const stop of stops) stop()
  })
}

const stateOf = (asked: readonly Probe[]): number => statusOf(asked.map(({ verdict }) => verdict.healthy))

const statusOf = (healthy: readonly boolean[]): number =>
  healthy.every(Boolean) ? serving.SERVING : serving.NOT_SERVING
