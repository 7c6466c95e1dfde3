/** The book's tabs. */

/** Their words and addresses, in the book's order. */
export const tabs = [
  ['Request Details', '/'],
  ['Labs', '/-/labs'],
  ['Server Env', '/-/env'],
  ['Memory', '/-/mem'],
  ['Liveness Probe', '/-/liveness'],
  ['Readiness Probe', '/-/readiness'],
  ['DNS Query', '/-/dns'],
  ['KeyGen Workload', '/-/keygen'],
  ['MemQ Server', '/-/memq'],
  ['File system browser', '/fs/'],
  ['Container', '/-/container'],
  ['Reach', '/-/reach'],
  ['Cluster', '/-/cluster'],
  ['Traffic', '/-/traffic'],
  ['Chain', '/-/chain'],
  ['Faults', '/-/faults'],
  ['Manifests', '/manifests/'],
] as const
