/** How the process ends: at once when there is nothing to wait for, else after its requests, within a limit. */
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../log/log.ts'
import type { Tracing } from '../tracing/tracing.ts'
import { becomeExit, leave } from './leave.ts'

/** What is ended first, while requests are still served. */
interface Drainable {
  /** Resolves to the exit code. */
  drain(): Promise<number>
  /** Ends the answers that would never end by themselves. */
  close(): void
  /** Lets go of what it holds, once there is no request any more; resolves when no thread works for it. */
  end(): Promise<void>
}

/** What takes requests, until it is closed. */
export interface Closable {
  /** Goes on taking requests, but sends its clients elsewhere for their next ones. */
  drain?(): void
  /** Takes no new request; resolves when the last one is answered. */
  close(): Promise<void>
}

/** Ends the process. */
export interface Shutdown {
  /** Ends it now, traces and log flushed first. */
  readonly exit: (code: number) => Promise<never>
  /** Dies by the signal's own default, the log flushed first; where the system spares the process, it leaves with the code that a shell has for that. */
  readonly dieBy: (signal: NodeJS.Signals) => Promise<never>
  /** Whether SIGTERM has no effect from now on. */
  readonly ignoreSigterm: (isIgnored: boolean) => void
  /** From now on SIGTERM and SIGINT drain the app and close the listeners, in that order, and end the process. */
  onSignal(app: Drainable, listeners: readonly Closable[]): void
}

/** A signal to the process group reaches a process that npm started twice; within this time it is the same one. */
const sameSignalMs = 1000

/** What a shell says of a process that SIGTERM has ended. */
const terminatedCode = 128 + constants.signals.SIGTERM

/** How long a signal leaves the process, in seconds. */
export interface ShutdownTimes {
  /** For serving on, while readiness fails. */
  readonly delay: number
  /** For everything, the delay included. */
  readonly timeout: number
}

/**
 * Makes the one place that ends the process.
 * @param tracing is given the time to send its last spans
 */
export function endsProcess(
  { delay, timeout }: ShutdownTimes,
  log: Log,
  tracing: Tracing | undefined,
): Shutdown {
  let drained: Drainable | undefined
  let ignoresSigterm = false
  const flushLog = () => Promise.race([log.close(), sleep(500)])
  const exit = async (code: number, deadline: Promise<unknown> = sleep(timeout * 1000)): Promise<never> => {
    let busy = drained !== undefined
    void drained?.end().finally(() => (busy = false))
    await Promise.race([tracing?.close(), deadline])
    await flushLog()
    return leave(code, () => busy, deadline)
  }

  const drain = async (app: Drainable, listeners: readonly Closable[]): Promise<void> => {
    const deadline = sleep(timeout * 1000, 'late' as const)
    const code = app.drain()
    for (const listener of listeners) listener.drain?.()
    await Promise.race([sleep(delay * 1000), deadline])
    app.close()
    const closed = Promise.all(listeners.map((listener) => listener.close()))
    const outcome = await Promise.race([Promise.all([code, closed]), deadline])
    if (outcome !== 'late') return exit(outcome[0], deadline)
    log.warn(`Not everything was finished within --shutdown-timeout=${timeout}.`)
    // A feature that has not ended may hold work that isn't done, which a Job must not take for finished.
    return exit(await Promise.race([code, Promise.resolve(terminatedCode)]), deadline)
  }

  return {
    exit,
    async dieBy(signal) {
      await flushLog()
      return leaveBy(signal)
    },
    ignoreSigterm(isIgnored) {
      ignoresSigterm = isIgnored
    },
    onSignal(app, listeners) {
      drained = app
      let first: number | undefined
      const receive = (signal: NodeJS.Signals) => {
        const now = performance.now()
        if (signal === 'SIGTERM' && ignoresSigterm) {
          log.warn('Received SIGTERM, and ignores it, as a fault has it.')
        } else if (signal === 'SIGINT' && process.stdin.isTTY) {
          leaveBy(signal)
        } else if (first === undefined) {
          first = now
          log.info(`Received ${signal}. Readiness fails from now on; serving for ${delay}s more.`)
          void drain(app, listeners)
        } else if (now - first >= sameSignalMs) {
          leaveBy(signal)
        }
      }
      process.on('SIGTERM', receive)
      process.on('SIGINT', receive)
    },
  }
}

/** Dies by the signal's own default, which doesn't wait for keys that are being made. */
function leaveBy(signal: NodeJS.Signals): never {
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  // Still here: the first process of a container has no defaults.
  const code = 128 + constants.signals[signal]
  becomeExit(code)
  process.exit(code)
}
