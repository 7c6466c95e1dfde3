/** What Traffic costs and how exact it is, against fortio at the same rate to the same server. */
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds } from './load.ts'
import { bareHttp, kuard, median, port, startServer, stop, type Row } from './measure.ts'

const rate = 1000
const seconds = 5
/** Requests side by side, at most. */
const connections = 8
const rounds = 5
const trafficPort = port + 1

/** What one run came to; latencies in milliseconds. */
interface Run {
  /** Requests sent in a second. */
  readonly rate: number
  readonly cpuSeconds: number
  readonly answered: number
  readonly p50: number
  readonly p90: number
  readonly p99: number
}

/** Traffic on kept connections. */
export const trafficKept = (): Promise<Row[]> => traffic('kept')
/** Traffic with a new connection for each request. */
export const trafficNew = (): Promise<Row[]> => traffic('new')

async function traffic(kind: 'kept' | 'new'): Promise<Row[]> {
  const fortio = buildFortio()
  const runs: { ours: Run; theirs: Run }[] = []
  const target = await startServer(bareHttp)
  const { server, pid } = await startServer(
    [kuard[0] ?? '', `--address=127.0.0.1:${trafficPort}`],
    trafficPort,
  )
  // The first run compiles what sends.
  await runKuard(pid, kind)
  for (let round = 0; round < rounds; round += 1)
    runs.push({ ours: await runKuard(pid, kind), theirs: runFortio(fortio, kind) })
  await stop(server)
  await stop(target.server)

  const row = (figure: string, unit: string, limit: string, of: (run: Run) => number): Row => ({
    figure: `${figure}, ${kind} connections, against fortio${fortio === undefined ? ', which wants Go' : ''}`,
    unit,
    limit,
    ours: median(runs.map(({ ours }) => of(ours))),
    theirs: median(runs.map(({ theirs }) => of(theirs))),
    ratio: median(runs.map(({ ours, theirs }) => of(ours) / of(theirs))),
  })
  const latency = (share: 'p50' | 'p90' | 'p99') =>
    row(`Traffic’s ${share} at ${rate} requests a second`, 'ms', '0.95 to 1.05', (run) => run[share])
  return [
    row(`requests that Traffic sends in a second, of ${rate}`, '', '0.99 to 1.01', (run) => run.rate),
    latency('p50'),
    latency('p90'),
    latency('p99'),
    row(
      'CPU for 1,000 requests of Traffic',
      'ms',
      'at most 2',
      (run) => (run.cpuSeconds / run.answered) * 1e6,
    ),
  ]
}

/** What of `GET /traffic` is read here. */
interface Status {
  readonly progress: { readonly running: boolean; readonly sent: number; readonly answered: number }
  readonly latency: Pick<Run, 'p50' | 'p90' | 'p99'>
}

/** Has a kuard send for some seconds. */
async function runKuard(pid: number, kind: 'kept' | 'new'): Promise<Run> {
  const url = `http://127.0.0.1:${port}/`
  const order = { enable: true, url, rate, timeToRun: seconds, connections: kind, concurrency: connections }
  const before = cpuSeconds(pid)
  await ask('PUT', JSON.stringify(order))
  const began = performance.now()
  // Within the last second, so that what counts the rate is no timer of the run's own.
  await sleep((seconds - 1) * 1000)
  const { sent } = (await ask('GET')).progress
  const elapsed = (performance.now() - began) / 1000
  let status = await ask('GET')
  for (; status.progress.running; status = await ask('GET')) await sleep(100)
  const { progress, latency } = status
  return {
    ...latency,
    rate: sent / elapsed,
    cpuSeconds: cpuSeconds(pid) - before,
    answered: progress.answered,
  }
}

async function ask(method: string, body?: string): Promise<Status> {
  const answer = await fetch(`http://127.0.0.1:${trafficPort}/traffic`, { method, ...(body && { body }) })
  if (!answer.ok) throw new Error(await answer.text())
  return (await answer.json()) as Status
}

/** @returns the program, or nothing without Go */
function buildFortio(): string | undefined {
  const folder = join(import.meta.dirname, '../node_modules/.cache/fortio')
  mkdirSync(folder, { recursive: true })
  const { error, status, stderr } = spawnSync('go', ['build', '-o', folder, '.'], {
    cwd: join(import.meta.dirname, 'fortio'),
    encoding: 'utf8',
  })
  if (error) return undefined
  if (status !== 0) throw new Error(stderr)
  return join(folder, 'fortio')
}

const unknown: Run = { rate: NaN, cpuSeconds: NaN, answered: NaN, p50: NaN, p90: NaN, p99: NaN }

function runFortio(fortio: string | undefined, kind: 'kept' | 'new'): Run {
  if (fortio === undefined) return unknown
  const flags = [
    `-rate=${rate}`,
    `-seconds=${seconds}`,
    `-connections=${connections}`,
    `-kept=${kind === 'kept'}`,
  ]
  const { stdout } = spawnSync(fortio, [`-url=http://127.0.0.1:${port}/`, ...flags], { encoding: 'utf8' })
  return JSON.parse(stdout) as Run
}
