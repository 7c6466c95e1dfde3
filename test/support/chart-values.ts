/** Values that say as much of the chart as can be said at once. */
import type { Values } from '../../scripts/chart.ts'

/** What a release is made of where everything is on. */
export const everything: Values = {
  // Numbers are the image's tags, too.
  image: { tag: 2, digest: `sha256:${'0a'.repeat(32)}`, pullPolicy: 'Always' },
  imagePullSecrets: [{ name: 'registry' }],
  minReadySeconds: 3,
  args: ['--debug', '--debug-sitedata-dir=/a "folder"'],
  env: [{ name: 'GREETING', value: 'hello' }],
  envFrom: [{ configMapRef: { name: 'my-config', optional: true } }],
  disable: ['files', 'manifests'],
  allowedHosts: ['kuard.example.com', '.example.org'],
  allowedOrigins: ['http://*.example.com:30080'],
  frameAncestors: ['self'],
  log: { format: 'json', level: 'warn', probes: false, sample: 0.1 },
  shutdown: { delay: 10, timeout: 40 },
  probes: {
    liveness: { type: 'exec', timeoutSeconds: 2 },
    readiness: { type: 'grpc', initialDelaySeconds: 1 },
    startup: { enabled: true, type: 'https', failureThreshold: 60 },
  },
  serviceAccount: { annotations: { 'example.com/role': 'none' } },
  service: {
    type: 'LoadBalancer',
    annotations: { 'example.com/internal': 'true' },
    trafficDistribution: 'PreferClose',
    externalTrafficPolicy: 'Local',
    internalTrafficPolicy: 'Cluster',
    sessionAffinity: 'ClientIP',
    loadBalancerClass: 'example.com/internal',
    loadBalancerSourceRanges: ['10.0.0.0/8'],
    http: { port: 8080, nodePort: 31999, appProtocol: 'kubernetes.io/h2c' },
  },
  grpc: { enabled: true },
  tls: {
    enabled: true,
    certManager: { enabled: true, issuerRef: { name: 'ca' }, dnsNames: ['kuard.example.com'] },
  },
  ingress: {
    enabled: true,
    className: 'nginx',
    annotations: { 'example.com/timeout': '60' },
    tls: [{ secretName: 'kuard-example-com', hosts: ['kuard.example.com'] }],
  },
  httpRoute: {
    enabled: true,
    parentRefs: [{ name: 'gateway', namespace: 'gateways' }],
    hostnames: ['kuard.example.com'],
    filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: { set: [{ name: 'a', value: 'b' }] } }],
  },
  grpcRoute: { enabled: true, parentRefs: [{ name: 'gateway' }], hostnames: ['grpc.example.com'] },
  autoscaling: {
    enabled: true,
    minReplicas: 2,
    maxReplicas: 20,
    targetMemoryUtilizationPercentage: 80,
    memq: { queue: 'keygen', messagesPerPod: 5 },
    behavior: { scaleDown: { stabilizationWindowSeconds: 20 } },
  },
  podDisruptionBudget: { enabled: true, minAvailable: '50%', maxUnavailable: null },
  networkPolicy: {
    enabled: true,
    from: [{ namespaceSelector: {} }],
    egress: [{ ports: [{ port: 53, protocol: 'UDP' }] }],
  },
  podAnnotations: { 'example.com/note': 'a note' },
  podLabels: { team: '7' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'spot', operator: 'Exists' }],
  podAntiAffinity: 'soft',
  topologySpreadConstraints: [
    { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' },
  ],
  priorityClassName: 'system-cluster-critical',
  volumes: [{ name: 'config', configMap: { name: 'my-config', optional: true } }],
  volumeMounts: [{ name: 'config', mountPath: '/config' }],
  clusterView: { enabled: true, nodes: true },
  faults: {
    // As helm --set makes it.
    errorShare: '0.25',
    delayMs: 200,
    delayP99Ms: 600_000,
    crashSignal: 'SIGKILL',
    probes: true,
    diskMib: 10,
  },
  traffic: {
    enable: true,
    url: 'http://kuard/?a=1&b="2"',
    rate: 1000,
    header: ['A: 1', 'B: 2'],
    numToSend: 10_000_000,
  },
  keygen: { enable: true, memqServer: 'http://kuard/memq/server', memqQueue: 'keygen', workers: 2 },
  upstreams: ['http://backend:8080', 'http://other/'],
  memq: {
    maxBytes: 1_073_741_824,
    waitReplicas: 1,
    redis: { enabled: true, persistence: { storageClass: 'fast' } },
  },
  tracing: {
    endpoint: 'http://collector:4318',
    sampler: 'traceidratio',
    samplerArg: 0.25,
    resourceAttributes: { 'deployment.environment.name': 'test' },
    headersSecret: { name: 'collector' },
  },
  serviceMonitor: {
    enabled: true,
    labels: { release: 'prometheus' },
    scrapeTimeout: '10s',
    scrapeProtocols: ['OpenMetricsText1.0.0', 'PrometheusText0.0.4'],
    convertClassicHistogramsToNHCB: true,
    relabelings: [{ action: 'labeldrop', regex: 'pod' }],
    metricRelabelings: [{ action: 'drop', sourceLabels: ['__name__'], regex: 'go_.*' }],
  },
  prometheusRule: { enabled: true, labels: { release: 'prometheus' } },
  grafanaDashboard: { enabled: true, annotations: { 'example.com/folder': 'kuard' } },
}

/** Sets of values that between them take every way through the templates. */
export const valueSets: Readonly<Record<string, Values>> = {
  defaults: {},
  everything,
  'a certificate of each pod, and probes of it': {
    tls: { enabled: true },
    probes: { liveness: { type: 'https' }, readiness: { type: 'tcp' } },
    podAntiAffinity: 'hard',
  },
  'a certificate and a Redis of others': {
    tls: { enabled: true, secretName: 'kuard-tls' },
    memq: {
      redis: {
        url: 'rediss+sentinel://a:26379,b:26379/main/0',
        passwordSecret: { name: 'redis', key: 'pass' },
      },
    },
    serviceAccount: { create: false },
    service: { type: 'ClusterIP', clusterIP: 'None', http: { port: 8080 }, https: { port: 8443 } },
    networkPolicy: { enabled: true },
  },
  'a Redis that keeps nothing, and nobody who says how many pods': {
    memq: { redis: { enabled: true, persistence: { enabled: false }, password: 's3cret!' } },
    replicaCount: null,
    strategy: { type: 'Recreate' },
    podDisruptionBudget: { enabled: true },
    terminationGracePeriodSeconds: 0,
    readOnly: true,
  },
}
