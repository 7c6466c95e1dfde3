/** MemQ on Redis against MemQ in memory, and against what Redis itself can do. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { functionName } from '../server/features/memq/redis/functions.ts'
import { shardKeys, shardOf } from '../server/features/memq/redis/shards.ts'
import { load, perCpuSecond, wire } from './load.ts'
import {
  alternate,
  kuard,
  median,
  pair,
  port,
  queue,
  queueName,
  startServer,
  stop,
  type Row,
} from './measure.ts'

const redisPort = '18481'

/** Runs something beside a Redis that writes nothing to disk. */
async function withRedis<Value>(run: () => Promise<Value>): Promise<Value> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-redis-'))
  const args = ['--port', redisPort, '--bind', '127.0.0.1', '--save', '', '--dir', folder]
  const redis = spawn('redis-server', args, { stdio: 'ignore' })
  try {
    while (spawnSync('redis-cli', ['-p', redisPort, 'PING']).status !== 0) await sleep(20)
    return await run()
  } finally {
    redis.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Pairs of enqueue and dequeue in a second of the server's CPU time, with so many messages in the queue. */
async function pairsAt(depth: number, store: readonly string[]): Promise<number> {
  const { server, pid } = await startServer([...kuard, ...store])
  await load(port, [wire('PUT', queue)], 1, 1)
  await load(port, pair.slice(0, 1), depth)
  const pairs = await perCpuSecond(port, pid, pair, 40_000)
  await stop(server)
  return pairs
}

const onRedis = [`--memq-store=redis://127.0.0.1:${redisPort}/0`]

/** Where there is one already, it has to be made with settings. */
const anyQueue = wire('PUT', queue, '{}')

async function againstMemory(depth: number, rounds: number): Promise<Row> {
  const memory = [...kuard, `--memq-max-bytes=${2 ** 31}`]
  const figures = await withRedis(() =>
    alternate(rounds, [...kuard, ...onRedis], memory, async ({ pid }) => {
      await load(port, [anyQueue], 1, 1)
      await load(port, pair.slice(0, 1), depth)
      return perCpuSecond(port, pid, pair, 40_000)
    }),
  )
  const figure = `enqueue and dequeue per CPU second in Redis, against memory, at depth ${depth.toLocaleString('en')}`
  return { ...figures, figure, unit: 'requests', limit: 'at least 0.8' }
}

export const redisShallow = (): Promise<Row> => againstMemory(10, 5)
export const redisDeep = (): Promise<Row> => againstMemory(1_000_000, 1)

async function againstXadd(depth: number): Promise<Row> {
  return withRedis(async () => {
    const ours = await pairsAt(depth, onRedis)
    const command = ['XADD', 'bench', '*', 'body', 'work-item-00']
    const { stdout } = spawnSync(
      'redis-benchmark',
      ['-p', redisPort, '-n', '200000', '-c', '32', '--csv', ...command],
      { encoding: 'utf8' },
    )
    const theirs = Number(/"XADD[^"]*","([\d.]+)"/.exec(stdout)?.[1])
    const figure = `enqueue and dequeue per CPU second in Redis, at depth ${depth.toLocaleString('en')}, against redis-benchmark’s XADD per second`
    return { ours, theirs, ratio: ours / theirs, figure, unit: 'requests', limit: 'none' }
  })
}

export const xaddShallow = (): Promise<Row> => againstXadd(10)
export const xaddDeep = (): Promise<Row> => againstXadd(1_000_000)

/** As many are on their way at once, to the server and to Redis. */
const inFlight = 32

/** Enqueues and dequeues in a second, by redis-benchmark: the functions that a server calls, each for one message. */
function callsPerSecond(): number {
  const rates = [
    ['grow', 'enqueue', '4', queueName, '0'.repeat(20), '0', 'work-item-00'] as const,
    ['run', 'dequeue', '2', queueName, '1'] as const,
  ].map(([name, ...args]) => {
    const call = ['FCALL', functionName(name), '1', shardKeys[shardOf(queueName)] ?? '', ...args]
    const how = ['-p', redisPort, '-n', '200000', '-c', '1', '-P', String(inFlight), '--csv']
    const { stdout } = spawnSync('redis-benchmark', [...how, ...call], { encoding: 'utf8' })
    return Number(/"FCALL[^"]*","([\d.]+)"/.exec(stdout)?.[1])
  })
  return rates.length / rates.reduce((sum, rate) => sum + 1 / rate, 0)
}

async function againstCalls(depth: number): Promise<Row> {
  return withRedis(async () => {
    const { server } = await startServer([...kuard, ...onRedis])
    await load(port, [wire('PUT', queue)], 1, 1)
    await load(port, pair.slice(0, 1), depth)
    await load(port, pair, 20_000, inFlight)
    const [count, began] = [80_000, performance.now()]
    await load(port, pair, count, inFlight)
    const ours = (count * 1_000) / (performance.now() - began)
    await stop(server)
    const theirs = callsPerSecond()
    const figure = `enqueue and dequeue per second over HTTP into Redis, at depth ${depth.toLocaleString('en')}, ${inFlight} at once, against the same functions called by redis-benchmark`
    return { ours, theirs, ratio: ours / theirs, figure, unit: 'requests', limit: 'at least 0.8' }
  })
}

export const callsShallow = (): Promise<Row> => againstCalls(10)
export const callsDeep = (): Promise<Row> => againstCalls(1_000_000)

/** From a server's start to the first message that it gives, in milliseconds: the median of some. */
async function firstMessageMs(): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < 5; round += 1) {
    const { server, startMs } = await startServer([...kuard, ...onRedis])
    times.push(startMs + (await load(port, pair.slice(1), 1, 1)))
    await stop(server)
  }
  return median(times)
}

export async function redisRestart(): Promise<Row> {
  const depth = 1_000_000
  return withRedis(async () => {
    const fill = async (count: number) => {
      const { server } = await startServer([...kuard, ...onRedis])
      await load(port, [anyQueue], 1, 1)
      await load(port, pair.slice(0, 1), count)
      await stop(server)
    }
    await fill(10)
    const theirs = await firstMessageMs()
    await fill(depth)
    const ours = await firstMessageMs()
    const figure = `exec to the first message of ${depth.toLocaleString('en')} in Redis, against 10`
    return { ours, theirs, ratio: ours / theirs, figure, unit: 'ms', limit: 'within 1,000 ms' }
  })
}
