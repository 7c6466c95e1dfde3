/** Starting what is measured, and the shape of a figure. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { load, wire } from './load.ts'

export const port = 18_480
export const kuard = [join(import.meta.dirname, '../dist/kuard.cjs'), `--address=127.0.0.1:${port}`]
export const bareHttp = [join(import.meta.dirname, 'servers/bare-http.mjs'), String(port)]
export const probe = wire('GET', '/healthy')

/** The queue that is measured, and what is put in and taken out. */
export const queueName = 'bench'
export const queue = `/memq/server/queues/${queueName}`
export const pair = [wire('POST', `${queue}/enqueue`, 'work-item-00'), wire('POST', `${queue}/dequeue`)]

export interface Figures {
  readonly ours: number
  readonly theirs: number
  /** Of the two; where they were measured in turn, the median of each round's own, since the machine drifts. */
  readonly ratio: number
}

export interface Row extends Figures {
  readonly figure: string
  readonly unit: string
  readonly limit: string
}

const servers = new Set<ChildProcess>()
process.once('exit', () => {
  for (const server of servers) server.kill('SIGKILL')
})

/** A server that answers on a port, and how long that took from its start, in ms. */
export async function startServer(
  args: readonly string[],
  at = port,
): Promise<{ server: ChildProcess; pid: number; startMs: number }> {
  const began = performance.now()
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  servers.add(server)
  while (performance.now() - began < 10_000) {
    const answered = await load(at, [probe], 1, 1).then(
      () => true,
      () => false,
    )
    if (answered) return { server, pid: server.pid ?? 0, startMs: performance.now() - began }
    await sleep(1)
  }
  server.kill()
  throw new Error(`${args.join(' ')} did not answer GET /healthy within 10 s`)
}

export async function stop(server: ChildProcess): Promise<void> {
  server.kill('SIGKILL')
  servers.delete(server)
  await once(server, 'exit')
}

/** Measures two servers in turn, several times, so that the machine's drift touches both alike. */
export async function alternate(
  rounds: number,
  ours: readonly string[],
  theirs: readonly string[],
  measure: (server: { pid: number; startMs: number }, whose: 'ours' | 'theirs') => Promise<number>,
): Promise<Figures> {
  const figures = { ours: [] as number[], theirs: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    for (const [whose, args] of [
      ['ours', ours],
      ['theirs', theirs],
    ] as const) {
      const started = await startServer(args)
      figures[whose].push(await measure(started, whose))
      await stop(started.server)
    }
  }
  const ratios = figures.ours.map((own, round) => own / (figures.theirs[round] ?? NaN))
  return { ours: median(figures.ours), theirs: median(figures.theirs), ratio: median(ratios) }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[sorted.length >> 1] ?? NaN
}
