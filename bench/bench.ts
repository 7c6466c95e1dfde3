/** Measures what the README promises: one table, each figure a ratio of two measurements of the same run, beside its limit. */
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { clusterMemory, clusterProbe } from './cluster.ts'
import { load, perCpuSecond, residentBytes } from './load.ts'
import { alternate, bareHttp, kuard, port, probe, type Row } from './measure.ts'
import { firstLiveData, firstView, pageMemory } from './page.ts'
import { trafficKept, trafficNew } from './traffic.ts'
import { batched, queueDepth, queueing } from './queues.ts'
import {
  callsDeep,
  callsShallow,
  redisDeep,
  redisRestart,
  redisShallow,
  xaddDeep,
  xaddShallow,
} from './redis.ts'

async function start(): Promise<Row> {
  const figures = await alternate(15, kuard, bareHttp, ({ startMs }) => Promise.resolve(startMs))
  return {
    ...figures,
    figure: 'exec to first 200, against bare node:http',
    unit: 'ms',
    limit: 'at most 1.35',
  }
}

async function memoryAtRest(): Promise<Row> {
  const figures = await alternate(5, kuard, bareHttp, async ({ pid }) => {
    await sleep(1_000)
    return residentBytes(pid) / 2 ** 20
  })
  return {
    ...figures,
    figure: 'resident memory at rest, against bare node:http',
    unit: 'MiB',
    limit: 'at most 1.2',
  }
}

async function probes(): Promise<Row> {
  const figures = await alternate(9, kuard, bareHttp, ({ pid }) => perCpuSecond(port, pid, [probe], 60_000))
  const figure = 'GET /healthy per CPU second, log and metrics on, against bare node:http'
  return { ...figures, figure, unit: 'requests', limit: 'at least 0.75' }
}

/** The CPU seconds of a shell script and of all that it runs. */
function cpuOf(script: string): number {
  const timed = `TIMEFORMAT='%U %S'; time { ${script}; } >/dev/null 2>&1`
  const { stderr } = spawnSync('bash', ['-c', timed], { encoding: 'utf8' })
  const [user, system] = stderr.trim().split(' ').map(Number)
  return (user ?? NaN) + (system ?? NaN)
}

function keys(): Row {
  const count = 400
  const preload = join(import.meta.dirname, '../test/support/cheap-keys-preload.ts')
  const flags = `--keygen-enable --keygen-exit-on-complete --keygen-num-to-gen=${count}`
  const command = `KEY_BITS=2048 ${process.execPath} --import ${preload} ${kuard.join(' ')} ${flags}`
  const ours = count / cpuOf(command)
  // Starting openssl anew for each key is not what is measured, so it is taken off.
  const repeat = (each: string) => `for i in $(seq ${count}); do ${each}; done`
  const theirs = count / (cpuOf(repeat('openssl genrsa 2048')) - cpuOf(repeat('openssl version')))
  const figure = `2048-bit keys per CPU second, over ${count} of them, against openssl`
  return { ours, theirs, ratio: ours / theirs, figure, unit: 'keys', limit: 'at least 0.95' }
}

async function slowestProbe(): Promise<Row> {
  const slowest = async () => {
    await load(port, [probe], 1_000, 1)
    return load(port, [probe], 1_000, 1)
  }
  const busy = [...kuard, '--keygen-enable', `--keygen-workers=${availableParallelism()}`]
  const figures = await alternate(3, busy, kuard, slowest)
  const figure = 'slowest of 1,000 probes while KeyGen runs on every core, against no KeyGen'
  return { ...figures, figure, unit: 'ms', limit: 'none' }
}

const rows: Row[] = []
const measures = [
  start,
  memoryAtRest,
  probes,
  queueing,
  batched,
  queueDepth,
  redisShallow,
  redisDeep,
  xaddShallow,
  xaddDeep,
  callsShallow,
  callsDeep,
  redisRestart,
  keys,
  slowestProbe,
  clusterMemory,
  clusterProbe,
  trafficKept,
  trafficNew,
  firstView,
  firstLiveData,
  pageMemory,
]
for (const measure of measures) {
  if (process.argv.length > 2 && !process.argv.includes(measure.name)) continue
  rows.push(...[await measure()].flat())
}
console.log('| figure | kuard-ts | against | ratio | limit |\n| --- | --- | --- | --- | --- |')
for (const { figure, ours, theirs, ratio, unit, limit } of rows) {
  const [own, other] = [ours, theirs].map(
    (value) => `${value.toLocaleString('en', { maximumSignificantDigits: 3 })} ${unit}`,
  )
  console.log(`| ${figure} | ${own} | ${other} | ${ratio.toFixed(2)} | ${limit} |`)
}
