/** The Memory tab: what the process takes and may take, and a way to take more. */
import type { Registry } from 'prom-client'
import type { Feature } from '../../feature.ts'
import { isMemoryLimited, spareMemory } from '../../host/memory.ts'
import { Ballast } from '../../host/ballast.ts'
import { readCgroup } from '../../host/cgroup.ts'
import type { Prometheus } from '../../http/metrics/prometheus.ts'
import { schemasOf } from '../../http/schemas.ts'
import { Collections } from './collections.ts'
import { MemoryGauge } from './gauge.ts'
import { memoryRoutes } from './routes.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** Takes no more than the machine can spare, unless a control group watches over it. */
export function memoryFeature(): Feature {
  const ballast = new Ballast({ isLimited: isMemoryLimited, spare: spareMemory })
  const collections = new Collections()
  const gauge = new MemoryGauge(ballast, collections)
  return {
    name: 'memory',
    topics: { memory: gauge },
    states: { memory: schemaOf('MemoryStatus') },
    routes(http) {
      memoryRoutes(http, gauge, ballast)
    },
    metrics: registerMemoryMetrics,
    start() {
      collections.observe()
    },
  }
}

/** What the control group says, which limits the process; nothing of what it doesn't say. */
function registerMemoryMetrics({ Gauge }: Prometheus, registry: Registry): void {
  for (const [figure, help] of [
    ['limit', 'Memory that the control group allows, beyond which a process is killed.'],
    ['usage', 'Memory that the control group counts, page cache included.'],
  ] as const)
    new Gauge({
      name: `cgroup_memory_${figure}_bytes`,
      help,
      registers: [registry],
      async collect() {
        const { [figure]: bytes } = (await readCgroup()).memory
        if (bytes === null) this.remove()
        else this.set(bytes)
      },
    })
}
