/** The gRPC port: its services, and how it listens and ends. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  logVerbosity,
  Server,
  ServerCredentials,
  setLogVerbosity,
  type ServerDuplexStream,
  type ServerWritableStream,
  type UntypedHandleCall,
} from '@grpc/grpc-js'
import { Pauses, type EndTimes } from '../../http/pauses.ts'
import type { Address } from '../../text/address.ts'
import { standstillMs, type Limits } from '../limits.ts'
import { Calls, type CallSurroundings } from './calls.ts'
import { delay } from './delay.ts'
import { echo } from './echo.ts'
import { header } from './header.ts'
import { health, type Probe } from './health.ts'
import { withReflection } from './reflection.ts'
import { definitionOf, type Method, type Service } from './service.ts'
import { status } from './status.ts'
import { info, version } from './version.ts'

/** What is answered is small, so what its client hasn't taken within this time is cut off, in milliseconds. */
const closeMs = 1_000

/** Of one message, in bytes: a connection may have as many of them under way as it may have calls. */
const maxMessage = 64 << 10
const maxCalls = 1_000

type Stream = ServerWritableStream<unknown, unknown> | ServerDuplexStream<unknown, unknown>

/** A port on which gRPC clients ask the probes, and podinfo's services. */
export class GrpcListener {
  readonly #server: Server
  readonly #calls: Calls
  readonly #pauses: Pauses
  readonly #streams = new Set<Stream>()

  /** @param probes those that are on, by name */
  constructor(
    probes: ReadonlyMap<string, Probe>,
    { idleTimeout, ...times }: Pick<Limits, 'idleTimeout'> & EndTimes,
    surroundings: CallSurroundings,
  ) {
    this.#calls = new Calls(surroundings)
    this.#pauses = new Pauses(times)
    this.#server = new Server({
      'grpc.max_receive_message_length': maxMessage,
      'grpc.max_concurrent_streams': maxCalls,
      'grpc.max_connection_idle_ms': idleTimeout * 1_000,
      // A client that has vanished would be watching for ever.
      'grpc.keepalive_time_ms': standstillMs,
    })
    const { answerer } = surroundings
    const services = [
      health(probes),
      echo,
      status,
      delay(this.#pauses),
      header,
      version(answerer),
      info(answerer),
    ]
    for (const service of withReflection(services)) this.#add(service)
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

  /** Takes no new call, ends those that stream or would last too long, and resolves when the last answer is on its way. */
  async close(): Promise<void> {
    this.#pauses.close()
    for (const call of this.#streams) call.end()
    const closed = new Promise<void>((resolve) => {
      this.#server.tryShutdown(() => {
        resolve()
      })
    })
    await Promise.race([closed, this.#calls.done().then(() => sleep(closeMs))])
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

  #add(service: Service): void {
    const methods = Object.entries(service.methods).map(([name, method]) => {
      const definition = definitionOf(service, name, method)
      return [name, definition, this.#handler(definition.path, method, service.isQuiet ?? false)] as const
    })
    this.#server.addService(
      Object.fromEntries(methods.map(([name, definition]) => [name, definition])),
      Object.fromEntries(methods.map(([name, , handler]) => [name, handler])),
    )
  }

  #handler(path: string, { handle }: Method, isQuiet: boolean): UntypedHandleCall {
    if (handle.kind === 'unary') return this.#calls.handler(path, handle.answer, isQuiet)
    const { serve } = handle
    return (call: Stream) => {
      this.#streams.add(call)
      call.on('cancelled', () => this.#streams.delete(call))
      serve(call)
    }
  }
}

const noIPv6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])
