/** The Memory tab: what the process takes and may take, and a way to take more. */
import type { Feature } from '../../feature.ts'
import { isMemoryLimited, spareMemory } from '../../host/memory.ts'
import { Ballast } from '../../host/ballast.ts'
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
    start() {
      collections.observe()
    },
  }
}
