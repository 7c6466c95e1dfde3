/** The gRPC health service, grpc.health.v1, which answers as the probes do. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  logVerbosity,
  Server,
  ServerCredentials,
  setLogVerbosity,
  status as grpcStatus,
  type handleUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js'
import { HealthImplementation, type ServingStatus } from 'grpc-health-check'
import type { Topic } from '../state/topic.ts'
import type { Address } from '../text/address.ts'

/** Every answer is made at once, so what its client hasn't taken within this time is cut off. */
const closeMs = 1_000

/** The messages: https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
interface HealthRequest {
  readonly service: string
}
interface HealthAnswer {
  readonly status: ServingStatus | 'SERVICE_UNKNOWN'
}
/** A health check of the process, as its GET asks it. */
interface Probe {
  /** What the next call will be answered. */
  readonly verdict: { readonly healthy: boolean }
  readonly changes: Pick<Topic, 'subscribe'>
  call(): { readonly healthy: boolean }
}

type Check = handleUnaryCall<HealthRequest, HealthAnswer>
type WatchCall = ServerWritableStream<HealthRequest, HealthAnswer>

/**
 * A port on which gRPC clients ask the probes: each by its name, and all of them by the empty name.
 * A Check is a call of the probe, as a GET is; a Watch only follows the state.
 */
export class GrpcListener {
  /** The probes that a service's name stands for. */
  readonly #services: ReadonlyMap<string, readonly Probe[]>
  readonly #server = new Server({
    'grpc.max_receive_message_length': 64 << 10,
    'grpc.max_concurrent_streams': 1_000,
  })
  readonly #watchCalls = new Set<WatchCall>()

  /** @param probes those that are on, by name */
  constructor(probes: ReadonlyMap<string, Probe>) {
    this.#services = new Map<string, readonly Probe[]>([
      ['', [...probes.values()]],
      ...[...probes].map(([name, probe]): [string, Probe[]] => [name, [probe]]),
    ])
    const health = new HealthImplementation()
    for (const [service, asked] of this.#services) {
      let last: ServingStatus | undefined
      const follow = () => {
        const status = statusOf(asked.map(({ verdict }) => verdict.healthy))
        // Those who watch are told of each status that is set, new or not.
        if (status !== last) health.setStatus(service, status)
        last = status
      }
      follow()
      for (const probe of asked) probe.changes.subscribe(follow)
    }
    health.addToServer({
      addService: (definition, handlers) => {
        const watch = handlers.watch as (call: WatchCall) => void
        this.#server.addService(definition, { ...handlers, check: this.#check, watch: this.#watch(watch) })
      },
    })
  }

  /**
   * @returns the port, which the system chose if it was 0
   * @throws Error with the system's code when the address can't be listened on
   */
  async listen({ host, port }: Address): Promise<number> {
    // Its errors are logged by us; on its own it writes them to standard error as well.
    setLogVerbosity(logVerbosity.NONE)
    if (host !== undefined) return this.#bind(host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)
    try {
      return await this.#bind(`[::]:${port}`)
    } catch (error) {
      // As node:http does it: IPv4 alone where there is no IPv6.
      if (!noIPv6.has((error as NodeJS.ErrnoException).code ?? '')) throw error
      return this.#bind(`0.0.0.0:${port}`)
    }
  }

  /** Takes no new call, ends those that watch, and resolves when the last answer is on its way. */
  async close(): Promise<void> {
    for (const call of this.#watchCalls) call.end()
    const closed = new Promise<void>((resolve) => {
      this.#server.tryShutdown(() => {
        resolve()
      })
    })
    await Promise.race([closed, sleep(closeMs)])
    this.#server.forceShutdown()
  }

  /** The library keeps the system's code in its message only. */
  #bind(hostAndPort: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(hostAndPort, ServerCredentials.createInsecure(), (error, port) => {
        if (!error) resolve(port)
        else reject(Object.assign(error, { code: /\bE[A-Z]{3,}\b/.exec(error.message)?.[0] }))
      })
    })
  }

  readonly #check: Check = ({ request: { service } }, callback) => {
    const probes = this.#services.get(service)
    if (probes) callback(null, { status: statusOf(probes.map((probe) => probe.call().healthy)) })
    else callback({ code: grpcStatus.NOT_FOUND, details: `there is no service ${JSON.stringify(service)}` })
  }

  /** Keeps the calls that watch, to end them, and keeps names that no service has out of the library's memory. */
  #watch(watchService: (call: WatchCall) => void) {
    return (call: WatchCall): void => {
      this.#watchCalls.add(call)
      call.on('cancelled', () => this.#watchCalls.delete(call))
      if (this.#services.has(call.request.service)) watchService(call)
      else call.write({ status: 'SERVICE_UNKNOWN' })
    }
  }
}

const noIPv6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])

const statusOf = (healthy: readonly boolean[]): ServingStatus =>
  healthy.every(Boolean) ? 'SERVING' : 'NOT_SERVING'
