/** The MemQ Server tab: work queues for the consumers of KeyGen, or anyone else's. */
import type { Feature } from '../../feature.ts'
import { schemasOf } from '../../http/schemas.ts'
import type { Config } from '../../cli/flags.ts'
import type { Log } from '../../log/log.ts'
import { UsageError } from '../../cli/pflag.ts'
import type { Tracing } from '../../tracing/tracing.ts'
import { externalMetricsRoutes } from './external-metrics/routes.ts'
import { MemoryStore } from './memory/store.ts'
import { registerMemqMetrics } from './metrics.ts'
import { redisAddress } from './redis/address.ts'
import { RedisConnection } from './redis/connection.ts'
import { RedisStore } from './redis/store.ts'
import { memqRoutes } from './routes.ts'
import { RefusedError, type QueueStore } from './store.ts'
import { WaitingClients } from './waiting-clients.ts'
import type { MemqState, QueueStats } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** @throws UsageError when `--memq-store` can't be used, or not as the other flags want it */
export function memqFeature(
  config: Pick<Config, 'memqStore' | 'memqPasswordFile' | 'memqMaxBytes' | 'memqWaitReplicas'>,
  {
    log,
    env,
    tracing,
  }: { readonly log: Log; readonly env: NodeJS.ProcessEnv; readonly tracing: Tracing | undefined },
): Feature {
  if (config.memqStore === 'memory' && config.memqWaitReplicas > 0)
    throw new UsageError(
      '--memq-wait-replicas: what is in memory has no replicas; --memq-store can name a Redis',
    )
  const redis = config.memqStore === 'memory' ? undefined : redisStore(config, log, env)
  const store: QueueStore = redis ?? new MemoryStore(config.memqMaxBytes)
  const waiting = new WaitingClients(store)
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
      memqRoutes(http, { store, waiting, tracing })
      externalMetricsRoutes(http, store)
    },
    metrics(prometheus, registry) {
      registerMemqMetrics(prometheus, registry, store)
    },
    start() {
      redis?.start()
    },
    drain() {
      waiting.drain()
      return Promise.resolve(undefined)
    },
    end() {
      redis?.close()
      return Promise.resolve()
    },
  }
}

function redisStore(
  {
    memqStore,
    memqPasswordFile,
    memqWaitReplicas,
  }: Pick<Config, 'memqStore' | 'memqPasswordFile' | 'memqWaitReplicas'>,
  log: Log,
  { REDIS_PASSWORD }: NodeJS.ProcessEnv,
): RedisStore {
  try {
    const address = redisAddress(memqStore, memqPasswordFile, REDIS_PASSWORD)
    return new RedisStore(new RedisConnection(address, log, memqWaitReplicas))
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
