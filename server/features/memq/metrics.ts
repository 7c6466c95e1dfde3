/** What the work queues tell Prometheus: their sums, and the figures of each of the first hundred. */
import type { Registry } from 'prom-client'
import { ageSeconds } from './age.ts'
import { RefusedError, type QueueStore, type Totals } from './store.ts'
import type { QueueStats } from './wire.ts'

/** What they are made with; loaded at the first scrape. */
type Prometheus = Pick<typeof import('prom-client'), 'Counter' | 'Gauge'>

/** Clients choose the names, and each is a series of its own for whoever scrapes. */
const mostNames = 100
const others = '(others)'

/** Registers all of them. */
export function registerMemqMetrics(prometheus: Prometheus, registry: Registry, store: QueueStore): void {
  registerTotals(
    prometheus,
    registry,
    readings(() => store.totals()),
  )
  registerQueues(
    prometheus,
    registry,
    readings(async () => namedFigures(await store.stats(), Date.now())),
  )
}

/** Hands a reading on; while the store is away, each metric keeps what it said last. */
type WithReading<Value> = (report: (value: Value) => void) => Promise<void>

/** One reading for all metrics of a scrape, which begin together. */
function readings<Value>(read: () => Value | Promise<Value>): WithReading<Value> {
  let reading: Promise<Value> | undefined
  const readOnce = () =>
    (reading ??= Promise.try(read).finally(() => {
      reading = undefined
    }))
  return async (report) => {
    try {
      report(await readOnce())
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error
    }
  }
}

const flows = {
  enqueued: 'Messages put into a queue.',
  dequeued: 'Messages finished: acked, taken without a lease, or redriven.',
  drained: 'Messages discarded: by a drain, over a limit, or with their queue.',
  dead: 'Messages sent to a dead-letter queue.',
} as const

type Flow = keyof typeof flows
const flowNames = Object.keys(flows) as Flow[]

const states = ['waiting', 'leased', 'delayed'] as const

/** Of all queues together, those that have been deleted included. */
function registerTotals(
  { Counter, Gauge }: Prometheus,
  registry: Registry,
  withTotals: WithReading<Totals>,
): void {
  const registers = [registry]
  new Gauge({
    name: 'memq_queues',
    help: 'Queues of the MemQ server.',
    registers,
    collect() {
      return withTotals(({ queues }) => {
        this.set(queues)
      })
    },
  })
  new Gauge({
    name: 'memq_messages',
    help: 'Messages in the queues of the MemQ server.',
    labelNames: ['state'],
    registers,
    collect() {
      return withTotals((totals) => {
        for (const state of states) this.set({ state }, totals[state])
      })
    },
  })
  for (const flow of flowNames) {
    new Counter({
      name: `memq_${flow}_total`,
      help: flows[flow],
      registers,
      collect() {
        return withTotals((totals) => {
          this.reset()
          this.inc(totals[flow])
        })
      },
    })
  }
}

/** Of each queue that is there. */
function registerQueues(
  { Counter, Gauge }: Prometheus,
  registry: Registry,
  withFigures: WithReading<Figures[]>,
): void {
  const registers = [registry]
  new Gauge({
    name: 'memq_queue_messages',
    help: 'Messages in a queue.',
    labelNames: ['queue', 'state'],
    registers,
    collect() {
      return withFigures((figures) => {
        this.reset()
        for (const { queue, ...counts } of figures)
          for (const state of states) this.set({ queue, state }, counts[state])
      })
    },
  })
  for (const flow of flowNames) {
    new Counter({
      name: `memq_queue_${flow}_total`,
      help: `${flows[flow].slice(0, -1)}, by queue, since it was made.`,
      labelNames: ['queue'],
      registers,
      collect() {
        return withFigures((figures) => {
          this.reset()
          for (const { queue, [flow]: count } of figures) this.inc({ queue }, count)
        })
      },
    })
  }
  new Gauge({
    name: 'memq_queue_oldest_message_age_seconds',
    help: 'For how long the oldest message that waits in a queue has been in it; 0 where none waits.',
    labelNames: ['queue'],
    registers,
    collect() {
      return withFigures((figures) => {
        this.reset()
        for (const { queue, oldestAgeSeconds } of figures) this.set({ queue }, oldestAgeSeconds)
      })
    },
  })
}

/** What is told under one name. */
interface Figures extends Record<Flow | (typeof states)[number], number> {
  readonly queue: string
  oldestAgeSeconds: number
}

/**
 * The figures of the first hundred by name, and those of all others as one.
 * @param now in milliseconds since 1970
 */
function namedFigures(stats: readonly QueueStats[], now: number): Figures[] {
  const byName = new Map<string, Figures>()
  for (const [index, { name, ...counts }] of stats.entries()) {
    const queue = index < mostNames ? name : others
    const sum = byName.get(queue) ?? noFigures(queue)
    byName.set(queue, sum)
    for (const flow of flowNames) sum[flow] += counts[flow]
    sum.waiting += counts.depth
    sum.leased += counts.leased
    sum.delayed += counts.delayed
    sum.oldestAgeSeconds = Math.max(sum.oldestAgeSeconds, ageSeconds(counts.oldest, now))
  }
  return [...byName.values()]
}

const noFigures = (queue: string): Figures => ({
  queue,
  enqueued: 0,
  dequeued: 0,
  drained: 0,
  dead: 0,
  waiting: 0,
  leased: 0,
  delayed: 0,
  oldestAgeSeconds: 0,
})
