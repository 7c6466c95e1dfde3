/** The book's tabs in its order. A new feature's tab is one line here. */
import type { Component } from 'svelte'
import DnsQuery from './tabs/DnsQuery.svelte'
import FileSystemBrowser from './tabs/FileSystemBrowser.svelte'
import KeyGenWorkload from './tabs/KeyGenWorkload.svelte'
import LivenessProbe from './tabs/LivenessProbe.svelte'
import Memory from './tabs/Memory.svelte'
import MemQServer from './tabs/MemQServer.svelte'
import ReadinessProbe from './tabs/ReadinessProbe.svelte'
import RequestDetails from './tabs/RequestDetails.svelte'
import ServerEnv from './tabs/ServerEnv.svelte'

/** One of the page's parts that an address leads to. */
export interface Tab {
  readonly word: string
  /** Below the root. */
  readonly path: string
  /** The server's feature; where that is off, there is no tab. */
  readonly feature: string
  readonly component: Component
}

export const tabs: readonly Tab[] = [
  { word: 'Request Details', path: '', feature: 'request', component: RequestDetails },
  { word: 'Server Env', path: '-/env', feature: 'env', component: ServerEnv },
  { word: 'Memory', path: '-/mem', feature: 'memory', component: Memory },
  { word: 'Liveness Probe', path: '-/liveness', feature: 'liveness', component: LivenessProbe },
  { word: 'Readiness Probe', path: '-/readiness', feature: 'readiness', component: ReadinessProbe },
  { word: 'DNS Query', path: '-/dns', feature: 'dns', component: DnsQuery },
  { word: 'KeyGen Workload', path: '-/keygen', feature: 'keygen', component: KeyGenWorkload },
  { word: 'MemQ Server', path: '-/memq', feature: 'memq', component: MemQServer },
  { word: 'File system browser', path: 'fs/', feature: 'files', component: FileSystemBrowser },
]

/** @param path below the root; any folder is the file system browser's */
export const tabAt = (path: string): Tab | undefined =>
  tabs.find((tab) => tab.path === path || (tab.path === 'fs/' && path.startsWith('fs/')))
