/** The book's tabs in its order. A new feature's tab is one line here. */
import type { TabLink } from './lib/tab-links.ts'

/** One of the page's parts that an address leads to. */
export interface Tab extends TabLink {
  /** The server's feature; where that is off, there is no tab. */
  readonly feature: string
  /** What it shows live: how many events a second at most, by the name of the server's topic; asked for while it is on show. */
  readonly topics?: Readonly<Record<string, number>>
}

export const tabs: readonly Tab[] = [
  {
    word: 'Request Details',
    path: '',
    feature: 'request',
    load: () => import('./tabs/RequestDetails.svelte'),
  },
  { word: 'Labs', path: '-/labs', feature: 'labs', load: () => import('./tabs/Labs.svelte') },
  { word: 'Server Env', path: '-/env', feature: 'env', load: () => import('./tabs/ServerEnv.svelte') },
  {
    word: 'Memory',
    path: '-/mem',
    feature: 'memory',
    topics: { memory: 10 },
    load: () => import('./tabs/Memory.svelte'),
  },
  {
    word: 'Liveness Probe',
    path: '-/liveness',
    feature: 'liveness',
    topics: { liveness: 10 },
    load: () => import('./tabs/LivenessProbe.svelte'),
  },
  {
    word: 'Readiness Probe',
    path: '-/readiness',
    feature: 'readiness',
    topics: { readiness: 10 },
    load: () => import('./tabs/ReadinessProbe.svelte'),
  },
  { word: 'DNS Query', path: '-/dns', feature: 'dns', load: () => import('./tabs/DnsQuery.svelte') },
  {
    word: 'KeyGen Workload',
    path: '-/keygen',
    feature: 'keygen',
    topics: { keygen: 10, memq: 1 },
    load: () => import('./tabs/KeyGenWorkload.svelte'),
  },
  {
    word: 'MemQ Server',
    path: '-/memq',
    feature: 'memq',
    topics: { memq: 10 },
    load: () => import('./tabs/MemQServer.svelte'),
  },
  {
    word: 'File system browser',
    path: 'fs/',
    feature: 'files',
    load: () => import('./tabs/FileSystemBrowser.svelte'),
  },
  {
    word: 'Container',
    path: '-/container',
    feature: 'container',
    topics: { container: 1 },
    load: () => import('./tabs/Container.svelte'),
  },
  {
    word: 'Reach',
    path: '-/reach',
    feature: 'reach',
    topics: { reach: 2 },
    load: () => import('./tabs/Reach.svelte'),
  },
  {
    word: 'Cluster',
    path: '-/cluster',
    feature: 'cluster',
    topics: { cluster: 10 },
    views: () => import('./tabs/cluster/views.ts').then(({ views }) => views),
    load: () => import('./tabs/Cluster.svelte'),
  },
  {
    word: 'Traffic',
    path: '-/traffic',
    feature: 'traffic',
    topics: { traffic: 5, 'traffic.seconds': 2 },
    load: () => import('./tabs/Traffic.svelte'),
  },
  { word: 'Chain', path: '-/chain', feature: 'chain', load: () => import('./tabs/Chain.svelte') },
  {
    word: 'Faults',
    path: '-/faults',
    feature: 'faults',
    topics: { faults: 5 },
    load: () => import('./tabs/Faults.svelte'),
  },
  {
    word: 'Manifests',
    path: 'manifests/',
    feature: 'manifests',
    load: () => import('./tabs/Manifests.svelte'),
  },
]

/** @param path below the root; any folder is the file system browser's, a view of the cluster's is its tab's, and so is a lab */
export const tabAt = (path: string): Tab | undefined =>
  tabs.find((tab) => tab.path === path || (tab.path === 'fs/' && path.startsWith('fs/'))) ??
  tabs.find((tab) => ['cluster', 'labs'].includes(tab.feature) && path.startsWith(`${tab.path}/`))
