/** The KeyGen Workload tab: work that takes time, for jobs and queues. */
import type { Feature } from '../../feature.ts'
import type { Config } from '../../cli/flags.ts'
import { UsageError } from '../../cli/pflag.ts'
import { schemasOf } from '../../http/schemas.ts'
import { KeyGen, type KeyGenSurroundings } from './keygen.ts'
import { refuseServerUrl } from './memq-client.ts'
import { keyGenRoutes } from './routes.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** What `--keygen-...` says. */
type KeyGenFlags = Pick<Config, Extract<keyof Config, `keygen${string}`>>

/** @throws UsageError when `--keygen-memq-server` can't be used */
export function keyGenFeature(
  config: KeyGenFlags,
  surroundings: Omit<KeyGenSurroundings, 'workers'>,
): Feature {
  const reason = config.keygenMemqServer === '' ? undefined : refuseServerUrl(config.keygenMemqServer)
  if (reason !== undefined) throw new UsageError(`--keygen-memq-server ${reason}`)
  const order = {
    enable: config.keygenEnable,
    numToGen: config.keygenNumToGen,
    timeToRun: config.keygenTimeToRun,
    memQServer: config.keygenMemqServer,
    memQQueue: config.keygenMemqQueue,
    exitOnComplete: config.keygenExitOnComplete,
    exitCode: config.keygenExitCode,
  }
  const keyGen = new KeyGen(order, { workers: config.keygenWorkers, ...surroundings })
  return {
    name: 'keygen',
    topics: { keygen: { snapshot: () => keyGen.status(), subscribe: keyGen.changes.subscribe } },
    states: { keygen: schemaOf('KeyGenStatus') },
    routes(http) {
      keyGenRoutes(http, keyGen)
    },
    metrics({ Counter, Gauge }, registry) {
      new Counter({
        name: 'keygen_keys_total',
        help: 'Keys that the KeyGen workload made, each an item done.',
        registers: [registry],
        collect() {
          this.reset()
          this.inc(keyGen.itemsDone)
        },
      })
      new Gauge({
        name: 'keygen_running',
        help: 'Whether the KeyGen workload runs, by where its work comes from: a queue, or its own limits.',
        labelNames: ['work'],
        registers: [registry],
        collect() {
          const { config, progress } = keyGen.status()
          const work = config.memQServer !== '' && config.memQQueue !== '' ? 'queue' : 'limits'
          this.reset()
          this.set({ work }, progress.running ? 1 : 0)
        },
      })
    },
    start() {
      keyGen.start()
    },
    drain: () => keyGen.drain(),
    end: () => keyGen.idle(),
  }
}
