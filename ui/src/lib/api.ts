/** The calls that the tabs make. Each answer says which pod gave it: behind a Service that may be another one than the stream's. */
import type { ChainAnswer } from '../../../server/features/chain/wire.ts'
import type { TokenAccess } from '../../../server/features/cluster/wire.ts'
import type { ContainerReport } from '../../../server/features/container/wire.ts'
import type {
  DnsComparison,
  DnsCost,
  DnsQuestion,
  DnsServersQuestion,
  DnsTrace,
} from '../../../server/features/dns/wire.ts'
import type { ServerEnv } from '../../../server/features/env/wire.ts'
import type { FaultKind, FaultsState } from '../../../server/features/faults/wire.ts'
import type { FileEntry, FileListing } from '../../../server/features/files/wire.ts'
import type { KeyGenOrder, KeyGenStatus } from '../../../server/features/keygen/wire.ts'
import type { ManifestList } from '../../../server/features/manifests/wire.ts'
import type { ProbeStatus } from '../../../server/features/probe/wire.ts'
import type { ReachMatrix, ReachOrder, ReachReport } from '../../../server/features/reach/wire.ts'
import type { RequestDetails } from '../../../server/features/request/wire.ts'
import type { TrafficOrder, TrafficStatus } from '../../../server/features/traffic/wire.ts'
import { clock } from './clock.svelte.ts'
import { live } from './live.svelte.ts'
import { root } from './root.ts'
import { traceIdOf } from './trace.ts'

/** What came back. */
export interface Answer<Value> {
  readonly value: Value
  /** The host name of the pod that answered. */
  readonly pod: string
  /** Undefined where it was not traced. */
  readonly traceId: string | undefined
  /** How long it took, in milliseconds. */
  readonly milliseconds: number
  /** When it came, in milliseconds since 1970. */
  readonly time: number
}

/** A call that did not succeed; the message is what the server said, or why there was no answer. */
export class CallFailure extends Error {
  override name = 'CallFailure'
  /** Such as `PUT /healthy/api`. */
  readonly call: string
  /** Undefined when there was no answer. */
  readonly status: number | undefined
  /** Undefined when there was no answer, or none of a pod's. */
  readonly pod: string | undefined

  constructor(call: string, status: number | undefined, message: string, pod?: string) {
    super(message)
    this.call = call
    this.status = status
    this.pod = pod
  }
}

/** A lookup may have to wait for several name servers. */
const patienceMs = 60_000

interface Sent {
  readonly method: string
  readonly body?: string
  readonly accept?: string
  /** As HTTP has it. */
  readonly range?: string
  /** Gives the call up, in place of the usual patience. */
  readonly signal?: AbortSignal
}

/** An answer of which the body hasn't been read. */
interface Opened extends Answer<Response> {
  /** As in CallFailure. */
  readonly call: string
}

/**
 * Makes a call, for those of a single tab.
 * @param path below the root
 * @throws CallFailure
 */
export async function send(
  path: string,
  { method, body, accept = 'application/json', range, signal = AbortSignal.timeout(patienceMs) }: Sent,
): Promise<Opened> {
  const call = `${method} /${path}`
  const started = performance.now()
  const response = await fetch(new URL(path, root), {
    method,
    ...(body === undefined ? {} : { body }),
    headers: { accept, ...(range === undefined ? {} : { range }) },
    cache: 'no-store',
    signal,
  }).catch((error: unknown) => {
    const isLate = error instanceof DOMException && error.name === 'TimeoutError'
    const seconds = String(patienceMs / 1000)
    throw new CallFailure(
      call,
      undefined,
      isLate ? `there was no answer for ${seconds} s` : 'the server can’t be reached',
    )
  })
  if (method !== 'GET') live.again()
  const pod = response.headers.get('x-served-by') ?? undefined
  if (!response.ok) throw new CallFailure(call, response.status, await refusalOf(response), pod)
  return {
    value: response,
    call,
    pod: pod ?? '',
    traceId: traceIdOf(response.headers.get('traceresponse')),
    milliseconds: performance.now() - started,
    time: clock.at(),
  }
}

/** In the server's words; a proxy's page of HTML says no more than its status. */
async function refusalOf(response: Response): Promise<string> {
  const isPage = response.headers.get('content-type')?.startsWith('text/html') === true
  const words = isPage ? '' : await response.text().catch(() => '')
  return words.trim() || response.statusText || 'no reason was given'
}

/** The value is of the shape that the server says: its own tests hold it to its schemas. */
export async function readJson<Value>({ call, ...answer }: Opened): Promise<Answer<Value>> {
  const value: unknown = await answer.value.json().catch(() => {
    throw new CallFailure(call, answer.value.status, brokenOff)
  })
  return { ...answer, value: value as Value }
}

const brokenOff = 'the answer broke off, or is not one of this server’s'

const asJson = (method: string, body: unknown): Sent =>
  body === undefined ? { method } : { method, body: JSON.stringify(body) }

/** As `send`, with JSON, for an answer of JSON. */
export const ask = async <Value>(method: string, path: string, body?: unknown): Promise<Answer<Value>> =>
  readJson(await send(path, asJson(method, body)))

/** As `ask`, for answers that say nothing more. */
export async function tell(method: string, path: string, body?: unknown): Promise<Answer<undefined>> {
  return { ...(await send(path, asJson(method, body))), value: undefined }
}

export const readRequest = () => ask<RequestDetails>('GET', 'request/api')
export const readEnv = () => ask<ServerEnv>('GET', 'env/api')

export const readAccess = () => ask<TokenAccess>('GET', 'cluster/access')

/** Where each probe is asked. */
export const probePaths = { liveness: 'healthy', readiness: 'ready' } as const

/** @param name whose look-up is explained; one that the server chooses, if left out */
export const readContainer = (name?: string) =>
  ask<ContainerReport>(
    'GET',
    `container/api${name === undefined ? '' : `?${new URLSearchParams({ name }).toString()}`}`,
  )

/** @param count as the API's `failNext` */
export const failNext = (probe: keyof typeof probePaths, count: number) =>
  ask<ProbeStatus>('PUT', `${probePaths[probe]}/api`, { failNext: count })

/** @param bytes a whole number */
export const allocate = (bytes: number) => tell('POST', `mem/api/alloc?size=${String(bytes)}`)
export const clearMemory = () => tell('POST', 'mem/api/clear')

export const traceName = (question: DnsQuestion) => ask<DnsTrace>('POST', 'dns/trace', question)
export const costOf = (name: string) => ask<DnsCost>('POST', 'dns/cost', { name })
export const compareServers = (question: DnsServersQuestion) =>
  ask<DnsComparison>('POST', 'dns/servers', question)

export const reachFor = (order: ReachOrder) => ask<ReachReport>('POST', 'reach/api', order)
/** Has these tried each second, in place of those before, for all who look. */
export const tryEachSecond = (targets: readonly string[]) =>
  ask<ReachMatrix>('PUT', 'reach/targets', { targets })

export const readChain = () => ask<ChainAnswer>('GET', 'chain')

export const startKeyGen = (order: KeyGenOrder) => ask<KeyGenStatus>('PUT', 'keygen', order)

export const startTraffic = (order: TrafficOrder) => ask<TrafficStatus>('PUT', 'traffic', order)

/** A fault's address below the root. */
export const faultPath = (kind: string): string => `faults/${kind}`
/** Begins a fault, in place of the one of its kind. @param order of the kind's shape, which the page's own table is held to */
export const beginFault = (kind: FaultKind, order: Readonly<Record<string, string | number | boolean>>) =>
  ask<FaultsState>('PUT', faultPath(kind), order)
export const takeFaultBack = (kind: string) => ask<FaultsState>('DELETE', faultPath(kind))
export const endFaults = () => ask<FaultsState>('DELETE', 'faults')

/** @param image for kuard's own; empty for none @returns the path with it, as a query */
export function withImage(path: string, image: string): string {
  // A query may have these as they are, which is easier to read.
  const readable = encodeURIComponent(image).replace(/%2F|%3A|%40/g, decodeURIComponent)
  return image === '' ? path : `${path}?image=${readable}`
}

/**
 * The address of a manifest below the root, or with an empty path of all of them.
 * @param image for kuard's own; empty for none
 */
export const manifestPath = (path: string, image: string): string => withImage(`manifests/${path}`, image)

/** @param image as in manifestPath */
export const listManifests = (image: string) => ask<ManifestList>('GET', manifestPath('', image))

/** @param path below the root, percent-encoded, with its final slash: `fs/etc/` */
export const listFiles = (path: string) => ask<FileListing>('GET', path)

/**
 * What stands under a name, links followed; undefined where that is a folder, to which the server redirects.
 * @param path below the root, percent-encoded, without a final slash
 */
export async function describeFile(path: string): Promise<Answer<FileEntry | undefined>> {
  const answer = await send(path, { method: 'GET' })
  if (new URL(answer.value.url).pathname.endsWith('/')) {
    await answer.value.body?.cancel()
    return { ...answer, value: undefined }
  }
  const listing = await readJson<FileListing>(answer)
  return { ...listing, value: listing.value.entries[0] }
}

/** The bytes of a file, no more than so many from its start. */
export async function readFile(path: string, maxBytes: number): Promise<Answer<Uint8Array>> {
  // Not all that is asked keep to a range: of what /proc has, nobody knows how long it is.
  const answer = await send(path, { method: 'GET', accept: '*/*', range: `bytes=0-${String(maxBytes - 1)}` })
  const reader = answer.value.body?.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  while (reader && length < maxBytes) {
    const { done, value } = await reader.read().catch(() => {
      throw new CallFailure(answer.call, answer.value.status, brokenOff)
    })
    if (done) break
    chunks.push(value)
    length += value.length
  }
  await reader?.cancel()
  const bytes = new Uint8Array(length)
  let end = 0
  for (const chunk of chunks) {
    bytes.set(chunk, end)
    end += chunk.length
  }
  return { ...answer, value: bytes.subarray(0, maxBytes) }
}
