/** The probes of a pod, as its spec has them. */
import type { PodSpec, Probe } from 'kubernetes-types/core/v1.d.ts'
import type { ProbeSpec } from './wire.ts'

/** The kubelet's own values where the spec has none: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes */
export function probesOf(spec: PodSpec | undefined): ProbeSpec[] {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
  return containers.flatMap(({ name, livenessProbe, readinessProbe, startupProbe }) => {
    const probes = { startup: startupProbe, liveness: livenessProbe, readiness: readinessProbe }
    return Object.entries(probes).flatMap(([type, probe]) =>
      probe ? [probeEntry(name, type as ProbeSpec['type'], probe)] : [],
    )
  })
}

const probeEntry = (container: string, type: ProbeSpec['type'], probe: Probe): ProbeSpec => ({
  container,
  type,
  action: actionOf(probe),
  initialDelaySeconds: probe.initialDelaySeconds ?? 0,
  periodSeconds: probe.periodSeconds ?? 10,
  timeoutSeconds: probe.timeoutSeconds ?? 1,
  successThreshold: probe.successThreshold ?? 1,
  failureThreshold: probe.failureThreshold ?? 3,
})

function actionOf({ httpGet, tcpSocket, exec, grpc }: Probe): string {
  if (httpGet) {
    const { scheme = 'HTTP', host = '', port, path = '/' } = httpGet
    return `GET ${scheme.toLowerCase()}://${host}:${port}${path}`
  }
  if (tcpSocket) return `tcp ${tcpSocket.host ?? ''}:${tcpSocket.port}`
  if (grpc) return `grpc :${grpc.port} ${grpc.service ?? ''}`.trim()
  return `exec ${(exec?.command ?? []).join(' ')}`
}
