/** The MemQ Server tab: work queues for the consumers of KeyGen, or anyone else's. */
import type { Registry } from 'prom-client'
import type { Feature } from '../../feature.ts'
import type { Prometheus } from '../../http/metrics/prometheus.ts'
import { schemasOf } from '../../http/schemas.ts'
import type { Config } from '../../cli/flags.ts'
import type { Log } from '../../log/log.ts'
import { UsageError } from '../../cli/pflag.ts'
import { MemoryStore } from './memory-store.ts'
import { redisAddress } from './redis/address.ts'
import { RedisConnection } from './redis/connection.ts'
import { RedisStore } from './redis/store.ts'
import { memqRoutes } from './routes.ts'
import { RefusedError, type QueueStore, type Totals } from './store.ts'
import type { MemqState, QueueStats } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** @throws UsageError when `--memq-store` can't be used */
export function memqFeature(
  config: Pick<Config, 'memqStore' | 'memqPasswordFile' | 'memqMaxBytes'>,
  { log, env }: { readonly log: Log; readonly env: NodeJS.ProcessEnv },
): Feature {
  const redis = config.memqStore === 'memory' ? undefined : redisStore(config, log, env)
  const store: QueueStore = redis ?? new MemoryStore(config.memqMaxBytes)
  return {
    name: 'memq',
    topics: {
      memq: {
        snapshot: stateOf(store, redis ? 'redis' : 'memory'),
        subscribe: store.changes.subscribe,
        entries: {
          field: 'queues',
          key: 'name',
          read: (name) => store.statsOf(name),
          refresh: () => store.refresh?.(),
        },
      },
    },
    states: { memq: schemaOf('MemqState') },
    routes(http) {
      memqRoutes(http, store)
    },
    metrics(prometheus, registry) {
      registerMemqMetrics(prometheus, registry, store)
    },
    start() {
      redis?.start()
    },
    end() {
      redis?.close()
      return Promise.resolve()
    },
  }
}

function redisStore(
  { memqStore, memqPasswordFile }: Pick<Config, 'memqStore' | 'memqPasswordFile'>,
  log: Log,
  { REDIS_PASSWORD }: NodeJS.ProcessEnv,
): RedisStore {
  try {
    return new RedisStore(new RedisConnection(redisAddress(memqStore, memqPasswordFile, REDIS_PASSWORD), log))
  } catch (error) {
    throw new UsageError(`--memq-store: ${(error as Error).message}`)
  }
}

/** Reads the figures; while the store is away, those of the last look. */
function stateOf(store: QueueStore, kind: MemqState['store']): () => MemqState | Promise<MemqState> {
  const state = (queues: QueueStats[]): MemqState => ({ kind: 'stats', queues, store: kind })
  return () => {
    const stats = store.stats()
    if (!(stats instanceof Promise)) return state(stats)
    return stats.then(state, (error: unknown) => {
      if (!(error instanceof RefusedError)) throw error
      return { ...state(store.lastStats?.() ?? []), away: error.message }
    })
  }
}

/** Without the queues' names, which clients choose. */
function registerMemqMetrics({ Counter, Gauge }: Prometheus, registry: Registry, store: QueueStore): void {
  const registers = [registry]
  let reading: Promise<Totals> | undefined
  /** One reading for all metrics of a scrape, which begin together. */
  const totals = () =>
    (reading ??= Promise.try(() => store.totals()).finally(() => {
      reading = undefined
    }))
  /** While the store is away, each metric keeps what it said last. */
  const withTotals = async (report: (totals: Totals) => void): Promise<void> => {
    try {
      report(await totals())
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error
    }
  }
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
      return withTotals(({ waiting, leased }) => {
        this.set({ state: 'waiting' }, waiting)
        this.set({ state: 'leased' }, leased)
      })
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
      collect() {
        return withTotals((totals) => {
          this.reset()
          this.inc(totals[flow])
        })
      },
    })
  }
}
