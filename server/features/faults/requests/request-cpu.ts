/** Requests that take CPU, so that replicas share the work as they share the requests. */
import type { MakeFault } from '../action.ts'
import { requestFault } from './request-fault.ts'

/** Between two looks at the clock; some tens of microseconds. */
const rounds = 20_000

/** Node.js 22 doesn't know what a thread takes. */
const thread: { threadCpuUsage?(): NodeJS.CpuUsage } = process

/** What this thread has taken so far, in microseconds; where that can't be told, what the process has. */
function cpuTaken(): number {
  const { user, system } = thread.threadCpuUsage?.() ?? process.cpuUsage()
  return user + system
}

/**
 * Burns CPU on the thread that answers requests, as a handler does that computes: nothing else is answered meanwhile. Where the container is
 * throttled it takes longer by the clock.
 * @param ms of CPU, in milliseconds
 */
function burn(ms: number): void {
  const end = cpuTaken() + ms * 1000
  while (cpuTaken() < end) for (let round = 0; round < rounds; round += 1) Math.sqrt(round)
}

export const makeRequestCpu: MakeFault<'request-cpu'> = (order) => {
  const { ms } = order
  return requestFault(
    order,
    { ms },
    (requests) => `lets ${requests} take ${ms} ms of CPU each`,
    (exchange) => {
      exchange.mark(`request-cpu=${ms}ms`)
      burn(ms)
    },
  )
}
