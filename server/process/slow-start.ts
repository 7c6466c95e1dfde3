/** A start that takes its time, as that of a large program does. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../log/log.ts'
import type { Shutdown } from './shutdown.ts'

/** What ends a start at once, as it does where none is slow. */
const signals = ['SIGTERM', 'SIGINT'] as const

/** Resolves after these seconds; the process doesn't listen before. */
export async function startSlowly(seconds: number, shutdown: Shutdown, log: Log): Promise<void> {
  const end = (signal: NodeJS.Signals) => void shutdown.dieBy(signal)
  for (const signal of signals) process.on(signal, end)
  log.warn(`Starts slowly: it listens in ${seconds} s, as --fault-slow-start has it.`)
  await sleep(seconds * 1000)
  for (const signal of signals) process.off(signal, end)
}
