/** The whole program on one screen: every feature, and what becomes of it. The only file that knows them all. */
import { chainFeature } from './features/chain/feature.ts'
import { clusterFeature } from './features/cluster/feature.ts'
import { containerFeature } from './features/container/feature.ts'
import { dnsFeature } from './features/dns/feature.ts'
import { echoFeature } from './features/echo/feature.ts'
import { envFeature } from './features/env/feature.ts'
import { faultsFeature } from './features/faults/feature.ts'
import { filesFeature } from './features/files/feature.ts'
import { keyGenFeature } from './features/keygen/feature.ts'
import { labsFeature } from './features/labs/feature.ts'
import { manifestsFeature } from './features/manifests/feature.ts'
import { memoryFeature } from './features/memory/feature.ts'
import { memqFeature } from './features/memq/feature.ts'
import { metricsFeature } from './features/metrics/feature.ts'
import { openapiFeature } from './features/openapi/feature.ts'
import { pageFeature } from './features/page/feature.ts'
import { livenessFeature, readinessFeature } from './features/probe/feature.ts'
import type { Probe } from './features/probe/probe.ts'
import { reachFeature } from './features/reach/feature.ts'
import { readOnlyFeature } from './features/read-only/feature.ts'
import { requestFeature } from './features/request/feature.ts'
import { trafficFeature } from './features/traffic/feature.ts'
import type { Feature } from './feature.ts'
import type { Config } from './cli/flags.ts'
import { UsageError } from './cli/pflag.ts'
import { FeatureGuards } from './http/feature-guards.ts'
import { createHttp, type Http } from './http/http.ts'
import { RequestTimings } from './http/metrics/timings.ts'
import { identity } from './identity/identity.ts'
import type { Version } from './identity/version.ts'
import { eventsFeature } from './live/feature.ts'
import type { Log } from './log/log.ts'
import type { Tracing } from './tracing/tracing.ts'

/** What the process gives the app, beside its configuration. */
export interface Surroundings {
  readonly log: Log
  /** Undefined where nothing is traced. */
  readonly tracing: Tracing | undefined
  readonly version: Version
  /** The name of this host; in a pod, the pod's. */
  readonly hostname: string
  /** The program and its arguments. */
  readonly commandLine: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** The folder of the built UI. */
  readonly uiFolder: string
  /** The folder of the manifests. */
  readonly manifestsFolder: string
  /** The file of the labs that ship. */
  readonly labsFile: string
  /** Ends the process with a code, cleanly. */
  readonly exit: (code: number) => void
  /** Ends the process by a signal. */
  readonly dieBy: (signal: NodeJS.Signals) => void
  /** Says whether SIGTERM is to have no effect. */
  readonly ignoreSigterm: (isIgnored: boolean) => void
}

/** The app, ready to be listened with. */
export interface App {
  readonly http: Http
  /** Those probes that are on, by the name that other protocols ask them by. */
  readonly probes: ReadonlyMap<string, Probe>
  /** Where clients may ask for WebSockets: paths, without a prefix. */
  readonly webSocketPaths: readonly string[]
  /** Resolves when everything is as it has to be before the server listens. */
  prepare(): Promise<unknown>
  /** Begins what the features do of their own. */
  start(): void
  /** Ends it, while requests are still served. Resolves to the exit code. */
  drain(): Promise<number>
  /** Ends the answers that would never end by themselves; to be called before the listeners close. */
  close(): void
  /** Lets go of what the features hold, once there is no request any more; resolves when no thread works for them. */
  end(): Promise<void>
}

/**
 * Builds every feature that is on and mounts its routes.
 * @throws UsageError when `--disable` names no feature
 */
export function createApp(
  config: Config,
  {
    log,
    tracing,
    version,
    hostname,
    commandLine,
    env,
    uiFolder,
    manifestsFolder,
    labsFile,
    exit,
    dieBy,
    ignoreSigterm,
  }: Surroundings,
): App {
  const timings = new RequestTimings()
  const identify = () => identity(hostname, version)
  const isOn = ({ name }: Feature) => !config.disable.includes(name)

  const liveness = livenessFeature(config.livenessFailNext, config.logProbes)
  const readiness = readinessFeature(config.readinessFailNext, config.logProbes)
  const keyGen = keyGenFeature(config, { log, tracing, exit })
  const dns = dnsFeature(env)
  const memq = memqFeature(config, { log, env, tracing })
  const page = pageFeature(uiFolder, config.frameAncestors, identify)
  const showPage = isOn(page) ? page.showPage : undefined
  const cluster = clusterFeature(env, hostname)
  const manifests = manifestsFeature(manifestsFolder, showPage)
  const tabs: Feature[] = [
    requestFeature(identify, version),
    envFeature(commandLine, env),
    memoryFeature(),
    liveness,
    readiness,
    dns,
    keyGen,
    memq,
    filesFeature(config.fsRoot, showPage),
    containerFeature(env, hostname),
    reachFeature(config, { env, resolver: dns.resolver, tracing }),
    cluster,
    trafficFeature(config, { log, tracing, exit }),
    chainFeature(config, { env, identify, tracing }),
    faultsFeature(config, { log, exit, dieBy, ignoreSigterm }),
    manifests,
    labsFeature({
      builtIn: labsFile,
      own: config.labsDir,
      lessons: manifests.manifests,
      sight: isOn(cluster) ? cluster.sight : undefined,
      log,
    }),
  ]
  const tabsOn = tabs.filter(isOn)
  const identifyFully = () => ({
    ...identify(),
    features: features.map(({ name }) => name),
    time: new Date().toISOString(),
  })
  const echo = echoFeature(config)
  const events = eventsFeature(identifyFully, tabsOn, log)
  const metrics = metricsFeature(timings, version, [...tabsOn, echo, events].filter(isOn))
  const openapi = openapiFeature(version.name, () => features)
  const overall: Feature[] = [echo, events, metrics, openapi, page]
  const readOnly = config.readOnly ? [readOnlyFeature()] : []
  const features = [...tabsOn, ...overall.filter(isOn)]

  refuseUnknown(config.disable, [...tabs, ...overall])

  const answerer = { pod: hostname, version: version.name }
  const guards = new FeatureGuards([...readOnly, ...features])
  const http = createHttp(config, { answerer, env, log, timings, tracing, guards })
  for (const feature of features) feature.routes(http)
  return {
    http,
    probes: new Map([liveness, readiness].filter(isOn).map(({ name, probe }) => [name, probe])),
    webSocketPaths: features.flatMap(({ webSocketPaths }) => webSocketPaths ?? []),
    prepare: () => Promise.all(features.flatMap((feature) => feature.prepare?.() ?? [])),
    start() {
      for (const feature of features) feature.start?.()
    },
    async drain() {
      const codes = await Promise.all(features.map(async (feature) => feature.drain?.()))
      return codes.find((code) => code !== undefined) ?? 0
    },
    close() {
      for (const feature of features) feature.close?.()
    },
    async end() {
      await Promise.all(features.map(async (feature) => feature.end?.()))
    },
  }
}

/** @throws UsageError for the first name that no feature has */
function refuseUnknown(disabled: readonly string[], features: readonly Feature[]): void {
  const names = features.map(({ name }) => name)
  const unknown = disabled.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw new UsageError(`--disable: no feature is named ${unknown}; there are ${names.join(', ')}`)
}
