/**
 * A small API server: objects by resource and namespace, lists in pages, watches with bookmarks, a review of rules; and all that can go
 * wrong with one. It checks tokens, and speaks TLS with a certificate of its own making.
 *
 *     const api = await startApiServer(context)
 *     api.put('pods', pod({ name: 'web-1' }))
 *     const { kuard, mounted } = await startPodIn(context, api, { name: 'web-1' })
 *     api.forbid('events')
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import type {
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
} from 'kubernetes-types/apps/v1.d.ts'
import type { HorizontalPodAutoscaler } from 'kubernetes-types/autoscaling/v2.d.ts'
import type { CronJob, Job } from 'kubernetes-types/batch/v1.d.ts'
import type {
  Event,
  LimitRange,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  Service,
} from 'kubernetes-types/core/v1.d.ts'
import type { EndpointSlice } from 'kubernetes-types/discovery/v1.d.ts'
import type { ObjectMeta } from 'kubernetes-types/meta/v1.d.ts'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import { generateCerts } from '../../server/cli/certs.ts'
import type { Rule } from '../../server/features/cluster/wire.ts'
import { atEnd, type Lifetime } from './at-end.ts'
import { temporaryFolder } from './folder.ts'

/** What it holds, by the resource's name. */
export interface Objects {
  pods: Pod
  services: Service
  endpointslices: EndpointSlice
  replicasets: ReplicaSet
  deployments: Deployment
  statefulsets: StatefulSet
  daemonsets: DaemonSet
  jobs: Job
  cronjobs: CronJob
  horizontalpodautoscalers: HorizontalPodAutoscaler
  poddisruptionbudgets: PodDisruptionBudget
  persistentvolumeclaims: PersistentVolumeClaim
  resourcequotas: ResourceQuota
  limitranges: LimitRange
  controllerrevisions: ControllerRevision
  events: Event
  nodes: Node
  persistentvolumes: PersistentVolume
  storageclasses: StorageClass
}
export type ResourceName = keyof Objects

/** The kind, and the group with its version. */
const kinds: Readonly<Record<ResourceName, readonly [kind: string, apiVersion: string]>> = {
  pods: ['Pod', 'v1'],
  services: ['Service', 'v1'],
  endpointslices: ['EndpointSlice', 'discovery.k8s.io/v1'],
  replicasets: ['ReplicaSet', 'apps/v1'],
  deployments: ['Deployment', 'apps/v1'],
  statefulsets: ['StatefulSet', 'apps/v1'],
  daemonsets: ['DaemonSet', 'apps/v1'],
  jobs: ['Job', 'batch/v1'],
  cronjobs: ['CronJob', 'batch/v1'],
  horizontalpodautoscalers: ['HorizontalPodAutoscaler', 'autoscaling/v2'],
  poddisruptionbudgets: ['PodDisruptionBudget', 'policy/v1'],
  persistentvolumeclaims: ['PersistentVolumeClaim', 'v1'],
  resourcequotas: ['ResourceQuota', 'v1'],
  limitranges: ['LimitRange', 'v1'],
  controllerrevisions: ['ControllerRevision', 'apps/v1'],
  events: ['Event', 'v1'],
  nodes: ['Node', 'v1'],
  persistentvolumes: ['PersistentVolume', 'v1'],
  storageclasses: ['StorageClass', 'storage.k8s.io/v1'],
}

const clusterScoped: readonly ResourceName[] = ['nodes', 'persistentvolumes', 'storageclasses']

const groupOf = (resource: ResourceName): string => /^(.*)\//.exec(kinds[resource][1])?.[1] ?? ''

/** A request that came. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** Undefined for what is no list. */
  readonly resource: ResourceName | undefined
  /** Undefined for all namespaces, and for what is in none. */
  readonly namespace: string | undefined
  readonly isWatch: boolean
  /** The bearer token. */
  readonly token: string
  /** When it came, as performance.now() counts. */
  readonly time: number
}

/** An object as it is kept. */
interface Kept {
  readonly resource: ResourceName
  readonly name: string
  readonly namespace: string
  readonly version: number
  /** JSON without its kind, as in a list. */
  readonly text: string
}

interface Change extends Kept {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
}

interface Watch {
  readonly asked: Asked
  readonly response: ServerResponse
}

/** One API server; it listens until the test ends. */
export class TestApiServer {
  /** All that came so far. */
  readonly requests: Asked[] = []
  /** Handles a request in place of what is built in, if it returns true: for answers that no API server gives. */
  intercept: (asked: Asked, response: ServerResponse) => boolean = () => false
  /** What the review of rules answers; undefined for what isn't forbidden. */
  rules: readonly Rule[] | undefined
  /** Whom the tokens are of, in refusals. */
  user = 'system:serviceaccount:default:default'
  /** The certificate that its own is signed by, in PEM: ca.crt of its pods. */
  authority: string
  /** The tokens that it takes. */
  readonly tokens = new Set<string>()
  readonly #server: Server
  readonly #objects = new Map<string, Kept>()
  #changes: Change[] = []
  readonly #pages = new Map<string, { readonly left: readonly Kept[]; readonly version: number }>()
  readonly #watches = new Set<Watch>()
  readonly #sockets = new Set<Socket>()
  readonly #forbidden = new Set<ResourceName>()
  #version = 1000
  /** Watches from before it are too old. */
  #oldest = 0
  #gone: 'event' | 'status' = 'event'
  /** The latest version when it fell silent; undefined while it speaks. */
  #silentSince: number | undefined
  #port = 0

  constructor({ key, certificate }: Certificate) {
    this.authority = certificate
    this.#server = createServer({ key, cert: certificate }, (request, response) => {
      void this.#answer(request, response)
    })
    // Of TLS, and of nothing below it: a client that leaves is no fault.
    this.#server.on('tlsClientError', () => undefined)
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket)).on('error', () => undefined)
    })
  }

  get port(): number {
    return this.#port
  }

  /** What a pod's environment says of it. */
  get env(): Readonly<Record<string, string>> {
    return { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(this.port) }
  }

  /** Creates an object, or replaces the one of its name; who watches is told. @returns it, with its version */
  put<Name extends ResourceName>(resource: Name, object: Objects[Name]): Objects[Name] {
    const [name, namespace] = this.#placeOf(resource, object.metadata)
    const key = keyOf(resource, namespace, name)
    const type = this.#objects.has(key) ? 'MODIFIED' : 'ADDED'
    const version = ++this.#version
    const { kind: _kind, apiVersion: _apiVersion, ...fields } = object
    const versioned = { ...fields, metadata: { ...object.metadata, resourceVersion: String(version) } }
    const kept = { resource, name, namespace, version, text: JSON.stringify(versioned) }
    this.#objects.set(key, kept)
    this.#tell({ ...kept, type })
    return { ...object, metadata: versioned.metadata }
  }

  /** Deletes an object; who watches is told. @throws Error if there is none */
  remove(resource: ResourceName, name: string, namespace = 'default'): void {
    const key = keyOf(resource, clusterScoped.includes(resource) ? '' : namespace, name)
    const kept = this.#objects.get(key)
    if (!kept) throw new Error(`there is no ${key}`)
    this.#objects.delete(key)
    this.#tell({ ...kept, version: ++this.#version, type: 'DELETED' })
  }

  /** Refuses lists and watches of these from now on; what is watched goes on, as with a real one. All, if none is named. */
  forbid(...resources: ResourceName[]): void {
    for (const resource of named(resources)) this.#forbidden.add(resource)
  }

  allow(...resources: ResourceName[]): void {
    for (const resource of named(resources)) this.#forbidden.delete(resource)
  }

  /**
   * Forgets what has changed so far: continued lists get a 410, and so do watches from before, those that run at once.
   * @param as how watches are told: by an event of the watch, or by the status of the answer
   */
  expire(as: 'event' | 'status' = 'event'): void {
    this.#gone = as
    this.#oldest = ++this.#version
    this.#changes = []
    this.#pages.clear()
    for (const { response } of this.#watches)
      if (as === 'event') response.write(line('ERROR', gone(0, this.#oldest)))
    this.endWatches()
  }

  /** Sends each watch a bookmark with the latest version. */
  bookmark(): void {
    for (const { asked, response } of this.#watches) {
      const [kind, apiVersion] = kinds[asked.resource ?? 'pods']
      response.write(
        line('BOOKMARK', { kind, apiVersion, metadata: { resourceVersion: String(this.#version) } }),
      )
    }
  }

  /** The watches that run. */
  get watches(): Asked[] {
    return [...this.#watches].map(({ asked }) => asked)
  }

  /** Ends the watches that run, as it does when their time is over. */
  endWatches(): void {
    for (const { response } of this.#watches) response.end()
    this.#watches.clear()
  }

  /** Cuts all connections. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Says nothing from now on, neither to requests nor to watches, and keeps all connections: a process that hangs. */
  fallSilent(): void {
    this.#silentSince ??= this.#version
  }

  /** Tells the watches that are left what they have missed, and answers requests again; what came meanwhile never gets an answer. */
  speak(): void {
    const since = this.#silentSince ?? this.#version
    this.#silentSince = undefined
    for (const change of this.#changes) if (change.version > since) this.#spread(change)
  }

  /** Goes away. */
  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.dropConnections()
    await closed
  }

  /** Comes back, on the same port. */
  async start(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Takes a new certificate, by a new authority, for connections from now on. */
  async renewCertificate(lifetime: Lifetime): Promise<void> {
    const { key, certificate } = await makeCertificate(lifetime)
    this.authority = certificate
    this.#server.setSecureContext({ key, cert: certificate })
  }

  #placeOf(resource: ResourceName, { name = '', namespace = 'default' }: ObjectMeta = {}): [string, string] {
    return [name, clusterScoped.includes(resource) ? '' : namespace]
  }

  #tell(change: Change): void {
    this.#changes.push(change)
    if (this.#silentSince === undefined) this.#spread(change)
  }

  #spread(change: Change): void {
    for (const { asked, response } of this.#watches)
      if (matches(asked, change)) response.write(lineOf(change))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = read(request)
    this.requests.push(asked)
    const body = await bodyOf(request)
    if (this.#silentSince !== undefined || this.intercept(asked, response)) return
    if (!this.tokens.has(asked.token)) refuse(response, 401, 'Unauthorized', 'Unauthorized')
    else if (asked.path === '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews')
      this.#review(body, response)
    else if (!asked.resource)
      refuse(response, 404, 'NotFound', 'the server could not find the requested resource')
    else if (this.#forbidden.has(asked.resource)) this.#forbidAsked(asked, asked.resource, response)
    else if (asked.isWatch) this.#watch(asked, response)
    else this.#list(asked, asked.resource, response)
  }

  #forbidAsked({ isWatch, namespace }: Asked, resource: ResourceName, response: ServerResponse): void {
    const group = groupOf(resource)
    const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
    const verb = isWatch ? 'watch' : 'list'
    const what = group === '' ? resource : `${resource}.${group}`
    refuse(
      response,
      403,
      'Forbidden',
      `${what} is forbidden: User "${this.user}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`,
    )
  }

  #list(asked: Asked, resource: ResourceName, response: ServerResponse): void {
    const token = asked.query.get('continue')
    const continued = token === null ? undefined : this.#pages.get(token)
    if (token !== null && !continued) {
      refuse(
        response,
        410,
        'Expired',
        'The provided continue parameter is too old to display a consistent list result.',
      )
      return
    }
    const { left, version } = continued ?? { left: this.#matching(asked), version: this.#version }
    const limit = Number(asked.query.get('limit') ?? 0) || left.length
    const [items, rest] = [left.slice(0, limit), left.slice(limit)]
    const metadata: Record<string, unknown> = { resourceVersion: String(version) }
    if (rest.length > 0) {
      const next = `page-${this.#pages.size + 1}-${this.#version}`
      this.#pages.set(next, { left: rest, version })
      Object.assign(metadata, { continue: next, remainingItemCount: rest.length })
    }
    const [kind, apiVersion] = kinds[resource]
    const head = JSON.stringify({ kind: `${kind}List`, apiVersion, metadata })
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(`${head.slice(0, -1)},"items":[${items.map(({ text }) => text).join(',')}]}`)
  }

  /** In the order of their names, as etcd has them. */
  #matching(asked: Asked): Kept[] {
    const found = [...this.#objects].filter(([, kept]) => matches(asked, kept))
    return found.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, kept]) => kept)
  }

  #watch(asked: Asked, response: ServerResponse): void {
    const from = Number(asked.query.get('resourceVersion') ?? 0)
    const isGone = from < this.#oldest
    if (isGone && this.#gone === 'status') {
      send(response, 410, gone(from, this.#oldest))
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.flushHeaders()
    if (isGone) {
      response.end(line('ERROR', gone(from, this.#oldest)))
      return
    }
    for (const change of this.#changes)
      if (change.version > from && matches(asked, change)) response.write(lineOf(change))
    const watch = { asked, response }
    this.#watches.add(watch)
    const seconds = Number(asked.query.get('timeoutSeconds') ?? 1800)
    const timer = setTimeout(() => {
      if (this.#silentSince === undefined) response.end()
    }, seconds * 1000)
    response.once('close', () => {
      clearTimeout(timer)
      this.#watches.delete(watch)
    })
  }

  #review(body: string, response: ServerResponse): void {
    const allowed = named([]).filter((resource) => !this.#forbidden.has(resource))
    const rules = allowed.map((resource) => ({
      verbs: ['get', 'list', 'watch'],
      apiGroups: [groupOf(resource)],
      resources: [resource],
    }))
    const status = { resourceRules: this.rules ?? rules, nonResourceRules: [], incomplete: false }
    send(response, 201, { ...(JSON.parse(body) as object), status })
  }
}

const named = (resources: readonly ResourceName[]): readonly ResourceName[] =>
  resources.length > 0 ? resources : (Object.keys(kinds) as ResourceName[])

const keyOf = (resource: ResourceName, namespace: string, name: string): string =>
  `${resource}/${namespace}/${name}`

/** What a request asks for. */
function read({ method = '', url = '', headers }: IncomingMessage): Asked {
  const { pathname, searchParams: query } = new URL(url, 'https://localhost')
  const [, apiVersion, namespace, name] =
    /^\/apis?\/((?:[^/]+\/)?v\d+)(?:\/namespaces\/([^/]+))?\/([^/]+)$/.exec(pathname) ?? []
  const known = Object.hasOwn(kinds, name ?? '') ? (name as ResourceName) : undefined
  return {
    method,
    path: pathname,
    query,
    resource: known && kinds[known][1] === apiVersion ? known : undefined,
    namespace,
    isWatch: query.get('watch') === 'true',
    token: (headers.authorization ?? '').replace(/^Bearer /, ''),
    time: performance.now(),
  }
}

/** Whether a list or watch has an object; of field selectors it knows the two that name an object. */
function matches({ resource, namespace, query }: Asked, kept: Kept): boolean {
  if (kept.resource !== resource || (namespace !== undefined && kept.namespace !== namespace)) return false
  const [field, value] = (query.get('fieldSelector') ?? '').split('=')
  if (field === 'metadata.name') return kept.name === value
  if (field !== 'involvedObject.name') return true
  return (JSON.parse(kept.text) as Event).involvedObject.name === value
}

/** An event of a watch, where an object has its kind and, if it is deleted, the version of its end. */
function lineOf({ type, resource, text, version }: Change): string {
  const [kind, apiVersion] = kinds[resource]
  const head = JSON.stringify({ kind, apiVersion })
  const final = type === 'DELETED' ? text.replace(/("resourceVersion":")\d+"/, `$1${version}"`) : text
  return `{"type":"${type}","object":${head.slice(0, -1)},${final.slice(1)}}\n`
}

const line = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`

const statusOf = (code: number, reason: string, message: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  code,
})

const gone = (version: number, oldest: number) =>
  statusOf(410, 'Expired', `too old resource version: ${version} (${oldest})`)

function refuse(response: ServerResponse, code: number, reason: string, message: string): void {
  send(response, code, statusOf(code, reason, message))
}

function send(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8')
  let text = ''
  // A client that leaves has nothing more to say.
  request.on('error', () => undefined)
  for await (const chunk of request) text += String(chunk)
  return text
}

interface Certificate {
  readonly key: string
  readonly certificate: string
}

async function makeCertificate(lifetime: Lifetime): Promise<Certificate> {
  const folder = temporaryFolder(lifetime)
  await generateCerts(folder)
  const [key, certificate] = ['kuard.key', 'kuard.crt'].map((name) =>
    readFileSync(join(folder, name), 'utf8'),
  )
  return { key: key ?? '', certificate: certificate ?? '' }
}

let certificate: Promise<Certificate> | undefined

/** Starts one on a port of its own, without objects; it takes no token yet: `startPodIn` brings its own. */
export async function startApiServer(lifetime: Lifetime): Promise<TestApiServer> {
  // Keys take long to make, and one will do for all of a file.
  const api = new TestApiServer(await (certificate ??= makeCertificate(lifetime)))
  await api.start()
  atEnd(lifetime, () => api.stop())
  return api
}
