/** MemQ in memory: one message after the other, many at once, and at any depth. */
import { join } from 'node:path'
import { load, perCpuSecond, wire } from './load.ts'
import { alternate, kuard, pair, port, queue, startServer, stop, type Row } from './measure.ts'

const bareFastify = [join(import.meta.dirname, 'servers/bare-fastify.mjs'), String(port)]
const echo = [wire('POST', '/', 'work-item-00'), wire('POST', '/')]

export async function queueing(): Promise<Row> {
  const figures = await alternate(15, kuard, bareFastify, async ({ pid }, whose) => {
    if (whose === 'theirs') return perCpuSecond(port, pid, echo, 40_000)
    await load(port, [wire('PUT', queue)], 1, 1)
    return perCpuSecond(port, pid, pair, 40_000)
  })
  const figure = 'enqueue and dequeue per CPU second, against a bare Fastify route'
  return { ...figures, figure, unit: 'requests', limit: 'at least 0.85' }
}

const batch = 100
const batches = [
  wire('POST', `${queue}/enqueue?batch=true`, JSON.stringify(Array<string>(batch).fill('work-item-00'))),
  wire('POST', `${queue}/dequeue?count=${batch}`),
]

export async function batched(): Promise<Row> {
  const figures = await alternate(5, kuard, kuard, async ({ pid }, whose) => {
    await load(port, [wire('PUT', queue)], 1, 1)
    return whose === 'ours'
      ? batch * (await perCpuSecond(port, pid, batches, 10_000))
      : perCpuSecond(port, pid, pair, 40_000)
  })
  const figure = `messages put in and taken per CPU second by ${batch} at once, against one after the other`
  return { ...figures, figure, unit: 'messages', limit: 'at least 20' }
}

export async function queueDepth(): Promise<Row> {
  const { server, pid } = await startServer([...kuard, `--memq-max-bytes=${2 ** 31}`])
  await load(port, [wire('PUT', queue)], 1, 1)
  const fill = (count: number) => load(port, pair.slice(0, 1), count)
  await fill(10)
  const shallow = await perCpuSecond(port, pid, pair, 100_000)
  await fill(1_000_000)
  const deep = await perCpuSecond(port, pid, pair, 100_000)
  await stop(server)
  const figure = 'time of the CPU for an enqueue or dequeue at depth 1,000,000, against depth 10'
  return { ours: 1e6 / deep, theirs: 1e6 / shallow, ratio: shallow / deep, figure, unit: 'µs', limit: '1.0' }
}
