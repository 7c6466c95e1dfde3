/** The Liveness Probe and Readiness Probe tabs: health checks that can be told to fail. */
import type { Registry } from 'prom-client'
import type { Feature } from '../../feature.ts'
import type { Prometheus } from '../../http/metrics/prometheus.ts'
import { schemasOf } from '../../http/schemas.ts'
import { Probe } from './probe.ts'
import { probeRoutes } from './routes.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** A probe feature also shows its probe, for whoever else answers by it. */
export interface ProbeFeature extends Feature {
  readonly probe: Probe
}

/**
 * @param failNext as `--liveness-fail-next` says
 * @param isLogged as `--log-probes` says
 */
export const livenessFeature = (failNext: number, isLogged: boolean): ProbeFeature =>
  probeFeature('liveness', new Probe('/healthy', failNext), ['/healthz', '/livez'], isLogged)

/**
 * @param failNext as `--readiness-fail-next` says
 * @param isLogged as `--log-probes` says
 */
export function readinessFeature(failNext: number, isLogged: boolean): ProbeFeature {
  const probe = new Probe('/ready', failNext)
  const drain = () => {
    probe.shutDown()
    return Promise.resolve(undefined)
  }
  return { ...probeFeature('readiness', probe, ['/readyz'], isLogged), drain }
}

/** @param otherPaths as podinfo and the API server of Kubernetes have them */
function probeFeature(
  name: 'liveness' | 'readiness',
  probe: Probe,
  otherPaths: readonly string[],
  isLogged: boolean,
): ProbeFeature {
  return {
    name,
    probe,
    topics: { [name]: { snapshot: () => probe.status(), subscribe: probe.changes.subscribe } },
    states: { [name]: schemaOf('ProbeStatus') },
    routes(http) {
      probeRoutes(http, probe.path, otherPaths, probe, isLogged)
    },
    metrics(prometheus, registry) {
      registerProbeMetrics(prometheus, registry, name, probe)
    },
  }
}

function registerProbeMetrics({ Counter }: Prometheus, registry: Registry, name: string, probe: Probe): void {
  new Counter({
    name: `${name}_probes_total`,
    help: `Calls of the ${name} probe that were answered.`,
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset()
      this.inc({ outcome: 'ok' }, probe.answered.ok)
      this.inc({ outcome: 'failed' }, probe.answered.failed)
    },
  })
}
