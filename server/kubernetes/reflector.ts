/** Keeps up with all objects of a kind: lists them, watches them from there, and begins anew when it has to. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { ListMeta, ObjectMeta, Status } from 'kubernetes-types/meta/v1.d.ts'
import { ApiError, objectIn, Unreachable, type ApiServer } from './api-server.ts'
import { NoServiceAccount } from './service-account.ts'

/** Objects in a page of a list: as many as are parsed in few milliseconds. */
const pageSize = 100

/**
 * A watch is asked to end after so long, in seconds, and opened anew from where it was. Rights that were taken away are noticed then,
 * since the API server looks at them when a watch begins; and one that does not end by then shows that the other side hangs, which a
 * watch without news can't be told from otherwise. Just before its end the API server sends a bookmark, so that the next one begins
 * from what is new: https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks
 */
const watchSeconds = 20

/** For the end to arrive, in milliseconds. */
const graceMs = 5_000

/** Between two tries, in milliseconds: twice as long after each, up to the most. */
const leastRetryMs = 1_000
const mostRetryMs = 8_000

/** A round of list and watch that ends sooner than that was none, in milliseconds. */
const shortMs = 1_000

/** Refusals by HTTP's status: who asks isn't known, may not see it, or asks for what there isn't. */
const refusals = [401, 403, 404]

/** What each object of Kubernetes has. */
export interface KubernetesObject {
  readonly metadata?: ObjectMeta
}

interface List<Obj> {
  readonly metadata?: ListMeta
  readonly items?: readonly Obj[] | null
}

interface WatchEvent<Obj> {
  readonly type?: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  readonly object?: Obj
}

/** How it goes: `refused` by the API server, in whose words; `away` when that can't be reached, or can't do what it should. */
export type Standing =
  | { readonly state: 'listing' | 'watching' }
  | { readonly state: 'refused' | 'away'; readonly message: string }

/** Is told what happens. */
export interface Observer<Obj> {
  /** Objects that were listed; some may be known. */
  listed(objects: readonly Obj[]): void
  /** The list is at its end: what it did not have is gone. @param names of all that it had */
  complete(names: ReadonlySet<string>): void
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

/**
 * Lists and watches until the signal aborts; never throws: what the observer throws is told to it as what the API server does wrong.
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
  let inVain = 0
  let before: Outcome = 'well'
  while (!isOver()) {
    const began = performance.now()
    const outcome = await reflector.step()
    inVain = outcome === 'well' && performance.now() - began > shortMs ? 0 : inVain + 1
    // Once is no failure: what was too old is listed anew at once, and a watch that has ended is opened anew.
    const mayGoOn = outcome === 'expired' ? before !== 'expired' : outcome === 'well' && inVain <= 1
    before = outcome
    if (!mayGoOn && !isOver()) await pause(inVain, signal)
  }
}

async function pause(inVain: number, signal: AbortSignal): Promise<void> {
  const waitMs = Math.min(leastRetryMs * 2 ** (inVain - 1), mostRetryMs)
  // Many of them must not ask in step.
  await sleep(waitMs * (0.8 + 0.4 * Math.random()), undefined, { signal }).catch(() => undefined)
}

/** What came of a list and a watch: `expired` where it has to begin anew. */
type Outcome = 'well' | 'expired' | 'failed'

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

  /** Lists, if there is nothing to go on from, and watches until the watch ends; never throws. */
  async step(): Promise<Outcome> {
    try {
      this.#version ??= await this.#list()
      await this.#watch()
      return 'well'
    } catch (error) {
      // Of an API server that can't be reached, nothing is known to be wrong with what came before.
      if (!(error instanceof Unreachable)) this.#version = undefined
      if (isExpired(error)) return 'expired'
      this.#tellFault(error)
      return 'failed'
    }
  }

  #tellFault(error: unknown): void {
    try {
      if (!this.#signal.aborted) this.#observer.stands(standingFor(error))
    } catch {
      // It was told.
    }
  }

  async #list(): Promise<string> {
    const names = new Set<string>()
    let page = await this.#page()
    // Not before: who is refused again and again isn't listing in between.
    this.#observer.stands({ state: 'listing' })
    for (;;) {
      const { objects, next, version } = page
      for (const { metadata } of objects) names.add(metadata?.name ?? '')
      this.#observer.listed(objects)
      if (!next) {
        this.#observer.complete(names)
        return version
      }
      page = await this.#page(next)
    }
  }

  /** @param token of the page before it */
  async #page(
    token?: string,
  ): Promise<{ objects: readonly Obj[]; next?: string | undefined; version: string }> {
    const query = { limit: String(pageSize), ...(token === undefined ? {} : { continue: token }) }
    const { metadata, items } = await this.#server.json<List<Obj>>(this.#address(query), this.#signal)
    if (!metadata?.resourceVersion) throw new ApiError('it answered what is no list')
    return { objects: items ?? [], next: metadata.continue, version: metadata.resourceVersion }
  }

  async #watch(): Promise<void> {
    const query = {
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: this.#version ?? '',
      timeoutSeconds: String(watchSeconds),
    }
    const lastsMs = watchSeconds * 1000 + graceMs
    const lines = await this.#server.lines(this.#address(query), this.#signal, lastsMs)
    this.#observer.stands({ state: 'watching' })
    for await (const line of lines) if (line !== '') this.#take(objectIn(line))
  }

  #take({ type, object }: WatchEvent<Obj>): void {
    if (!object) throw new ApiError('it sent what is no event of a watch')
    if (type === 'ERROR') throw errorIn(object)
    if (type === 'DELETED') this.#observer.deleted(object)
    else if (type !== 'BOOKMARK') this.#observer.changed(object)
    this.#version = object.metadata?.resourceVersion ?? this.#version
  }

  #address(query: Readonly<Record<string, string>>): string {
    const { path, fieldSelector } = this.#subject
    const search = new URLSearchParams({ ...query, ...(fieldSelector ? { fieldSelector } : {}) })
    return `${path}?${search.toString()}`
  }
}

const errorIn = ({ code, message = 'the watch failed' }: Status): ApiError => new ApiError(message, code)

/** The version that a watch or a page began from is too old: https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses */
const isExpired = (error: unknown): boolean => error instanceof ApiError && error.status === 410

function standingFor(error: unknown): Standing {
  const { message } = error as Error
  const isRefused = error instanceof ApiError && refusals.includes(error.status ?? 0)
  return { state: isRefused || error instanceof NoServiceAccount ? 'refused' : 'away', message }
}
