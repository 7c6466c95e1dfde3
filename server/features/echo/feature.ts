/** Answers as it is told to, as podinfo and httpbin have them: a status, a delay, headers, a body, pieces of an answer, a WebSocket. */
import type { Registry } from 'prom-client'
import type { Config } from '../../cli/flags.ts'
import type { Feature } from '../../feature.ts'
import type { Prometheus } from '../../http/metrics/prometheus.ts'
import { Pauses } from './pauses.ts'
import { echoRoutes, webSocketPath, webSocketRoute } from './routes.ts'
import { WebSockets } from './web-sockets.ts'

/** What an answer takes beside its pause, so that it leaves before the process does; in seconds. */
const slack = 1

/** @param config how long the last answers may take once the process was told to end */
export function echoFeature({
  shutdownDelay,
  shutdownTimeout,
}: Pick<Config, 'shutdownDelay' | 'shutdownTimeout'>): Feature {
  const pauses = new Pauses()
  const webSockets = new WebSockets()
  return {
    name: 'echo',
    webSocketPaths: [webSocketPath],
    routes(http) {
      echoRoutes(http, pauses)
      webSocketRoute(http, webSockets)
    },
    metrics(prometheus, registry) {
      registerWebSocketMetrics(prometheus, registry, webSockets)
    },
    close() {
      pauses.endLongerThan(Math.max(0, shutdownTimeout - shutdownDelay - slack))
      webSockets.close()
    },
  }
}

function registerWebSocketMetrics(
  { Counter, Gauge }: Prometheus,
  registry: Registry,
  webSockets: WebSockets,
): void {
  new Gauge({
    name: 'websockets',
    help: 'WebSockets that are open.',
    registers: [registry],
    collect() {
      this.set(webSockets.size)
    },
  })
  new Counter({
    name: 'websockets_opened_total',
    help: 'WebSockets that were opened.',
    registers: [registry],
    collect() {
      this.reset()
      this.inc(webSockets.opened)
    },
  })
}
