/** Keeps up with all objects of a kind: lists them, watches them from there, and begins anew when it has to. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ListMeta, ObjectMeta, Status } from 'kubernetes-types/meta/v1.d.ts'
import { ApiError, type ApiServer } from './api-server.ts'
import { NoServiceAccount } from './service-account.ts'

/** Objects in a page of a list: as many as are parsed in few milliseconds. */
const pageSize = 100

/** The API server ends a watch after this time and up to as much again, in seconds; each is then opened anew. */
const watchSeconds = 240

/** Between two tries, in milliseconds: twice as long after each, up to the most. */
const leastRetryMs = 1_000
const mostRetryMs = 10_000

/** What each object of Kubernetes has. */
export interface KubernetesObject {
  readonly metadata?: ObjectMeta
}

interface List<Obj> {
  readonly metadata?: ListMeta
  readonly items?: readonly Obj[]
}

interface WatchEvent<Obj> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object: Obj
}

/** How it goes: `refused` by the API server, in whose words; `away` when that can't be reached. */
export type Standing =
  | { readonly state: 'listing' | 'watching' }
  | { readonly state: 'refused' | 'away'; readonly message: string }

/** Is told what happens. */
export interface Observer<Obj> {
  /** Objects that were listed; some may be known. */
  listed(objects: readonly Obj[]): void
  /** The list is at its end: what it did not have is gone. */
  complete(): void
  changed(object: Obj): void
  deleted(object: Obj): void
  stands(standing: Standing): void
}

/** What is kept up with. */
export interface Subject {
  /** Of the list, such as `/api/v1/namespaces/default/pods`. */
  readonly path: string
  readonly fieldSelector?: string
}

/** The version that a watch began from is too old (410): https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses */
class Expired extends Error {}

/**
 * Lists and watches until the signal aborts; never throws.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export async function reflect<Obj extends KubernetesObject>(
  server: ApiServer,
  subject: Subject,
  observer: Observer<Obj>,
  signal: AbortSignal,
): Promise<void> {
  const reflector = new Reflector(server, subject, observer, signal)
  const isOver = () => signal.aborted
  let retryMs = leastRetryMs
  while (!isOver()) {
    try {
      await reflector.step()
      retryMs = leastRetryMs
    } catch (error) {
      if (isOver()) return
      observer.stands(standingFor(error))
      // Many of them must not ask in step.
      const waitMs = retryMs * (0.8 + 0.4 * Math.random())
      retryMs = Math.min(retryMs * 2, mostRetryMs)
      await sleep(waitMs, undefined, { signal }).catch(() => undefined)
    }
  }
}

function standingFor(error: unknown): Standing {
  const { message } = error as Error
  const answered =
    (error instanceof ApiError && error.status !== undefined) || error instanceof NoServiceAccount
  return { state: answered ? 'refused' : 'away', message }
}

class Reflector<Obj extends KubernetesObject> {
  readonly #server: ApiServer
  readonly #subject: Subject
  readonly #observer: Observer<Obj>
  readonly #signal: AbortSignal
  /** What the watch goes on from; undefined before a list. */
  #version: string | undefined

  constructor(server: ApiServer, subject: Subject, observer: Observer<Obj>, signal: AbortSignal) {
    this.#server = server
    this.#subject = subject
    this.#observer = observer
    this.#signal = signal
  }

  /** Lists, if there is nothing to go on from, and watches until the watch ends. */
  async step(): Promise<void> {
    try {
      this.#version ??= await this.#list()
      await this.#watch()
    } catch (error) {
      if (!isExpired(error)) throw error
      this.#version = undefined
    }
  }

  async #list(): Promise<string> {
    this.#observer.stands({ state: 'listing' })
    let token: string | undefined
    let version = ''
    do {
      const query = { limit: String(pageSize), ...(token ? { continue: token } : {}) }
      const { metadata, items } = await this.#server.json<List<Obj>>(this.#address(query), this.#signal)
      this.#observer.listed(items ?? [])
      token = metadata?.continue
      version = metadata?.resourceVersion ?? version
    } while (token)
    this.#observer.complete()
    return version
  }

  async #watch(): Promise<void> {
    const seconds = Math.round(watchSeconds * (1 + Math.random()))
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#version ?? '',
      timeoutSeconds: String(seconds),
    }
    const lines = await this.#server.lines(this.#address(query), this.#signal)
    this.#observer.stands({ state: 'watching' })
    for await (const line of lines) if (line !== '') this.#take(line)
  }

  #take(line: string): void {
    const { type, object } = JSON.parse(line) as WatchEvent<Obj>
    if (type === 'ERROR') throw errorIn(object)
    this.#version = object.metadata?.resourceVersion ?? this.#version
    if (type === 'DELETED') this.#observer.deleted(object)
    else if (type !== 'BOOKMARK') this.#observer.changed(object)
  }

  #address(query: Readonly<Record<string, string>>): string {
    const { path, fieldSelector } = this.#subject
    const search = new URLSearchParams({ ...query, ...(fieldSelector ? { fieldSelector } : {}) })
    return `${path}?${search.toString()}`
  }
}

const errorIn = ({ code, message = 'the watch failed' }: Status): Error =>
  code === 410 ? new Expired(message) : new ApiError(message, code)

const isExpired = (error: unknown): boolean =>
  error instanceof Expired || (error instanceof ApiError && error.status === 410)
