/** The MemQ Server tab: work queues for the consumers of KeyGen, or anyone else's. */
import type { Registry } from 'prom-client'
import type { Feature, Prometheus } from '../../feature.ts'
import { MemoryStore } from './memory-store.ts'
import { memqRoutes } from './routes.ts'
import type { QueueStore, Totals } from './store.ts'

/** @param maxBytes as `--memq-max-bytes` says */
export function memqFeature(maxBytes: number): Feature {
  const store = new MemoryStore(maxBytes)
  return {
    name: 'memq',
    topics: {
      memq: {
        snapshot: () => ({ kind: 'stats', queues: store.stats() }),
        subscribe: store.changes.subscribe,
      },
    },
    routes(http) {
      memqRoutes(http, store)
    },
    metrics(prometheus, registry) {
      registerMemqMetrics(prometheus, registry, store)
    },
  }
}

/** Without the queues' names, which clients choose. */
function registerMemqMetrics({ Counter, Gauge }: Prometheus, registry: Registry, store: QueueStore): void {
  const registers = [registry]
  new Gauge({
    name: 'memq_queues',
    help: 'Queues of the MemQ server.',
    registers,
    async collect() {
      this.set((await store.totals()).queues)
    },
  })
  new Gauge({
    name: 'memq_messages',
    help: 'Messages in the queues of the MemQ server.',
    labelNames: ['state'],
    registers,
    async collect() {
      const { waiting, leased } = await store.totals()
      this.set({ state: 'waiting' }, waiting)
      this.set({ state: 'leased' }, leased)
    },
  })
  const flows: Record<'enqueued' | 'dequeued' | 'drained', string> = {
    enqueued: 'Messages put into a queue.',
    dequeued: 'Messages finished: acked, or taken without a lease.',
    drained: 'Messages discarded, by a drain or with their queue.',
  }
  for (const [flow, help] of Object.entries(flows) as [keyof Totals, string][]) {
    new Counter({
      name: `memq_${flow}_total`,
      help,
      registers,
      async collect() {
        const totals = await store.totals()
        this.reset()
        this.inc(totals[flow])
      },
    })
  }
}
