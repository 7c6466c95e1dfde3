/** Answers as it is told to, as podinfo and httpbin have them: a status, a delay, headers, a body, pieces of an answer, a WebSocket. */
import type { Registry } from 'prom-client'
import type { Feature } from '../../feature.ts'
import type { Prometheus } from '../../http/metrics/prometheus.ts'
import { Pauses, type EndTimes } from '../../http/pauses.ts'
import { echoRoutes, webSocketPath, webSocketRoute } from './routes.ts'
import { WebSockets } from './web-sockets.ts'

/** @param times how long the last answers may take once the process was told to end */
export function echoFeature(times: EndTimes): Feature {
  const pauses = new Pauses(times)
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
      pauses.close()
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
