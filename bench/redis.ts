/** MemQ on Redis against MemQ in memory, and against what Redis itself can do. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { load, perCpuSecond, wire } from './load.ts'
import { kuard, pair, port, queue, startServer, stop, type Row } from './measure.ts'

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

async function againstMemory(depth: number): Promise<Row> {
  const theirs = await pairsAt(depth, [`--memq-max-bytes=${2 ** 31}`])
  const ours = await withRedis(() => pairsAt(depth, onRedis))
  const figure = `enqueue and dequeue per CPU second in Redis, against memory, at depth ${depth.toLocaleString('en')}`
  return { ours, theirs, ratio: ours / theirs, figure, unit: 'requests', limit: 'none' }
}

export const redisShallow = (): Promise<Row> => againstMemory(10)
export const redisDeep = (): Promise<Row> => againstMemory(1_000_000)

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
