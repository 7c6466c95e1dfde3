/** The state of the server as its event stream tells it, and whether that is still so. */
import type { WatchEvent, WatchedPath } from '../../../server/features/files/wire.ts'
import type { ChangesEvent, FailureEvent, StreamIdentity, TopicName } from '../../../server/live/wire.ts'
import type { PageMessage } from './broadcast.ts'
import workerUrl from './broadcast-worker.ts?sharedworker&url'
import { clock } from './clock.svelte.ts'
import { LiveState } from './live-state.svelte.ts'
import { root } from './root.ts'
import type { StreamReport } from './stream.ts'
import { unionOf } from './wanted.ts'

/** Is told what is at a path. */
type WatchListener = (state: WatchedPath) => void

/** Between two tries to load what follows the stream, in milliseconds. */
const retryMs = 1_000

class Live {
  /** The pod that the stream comes from; undefined before the first connection. */
  identity = $state.raw<StreamIdentity>()
  /** When the connection was lost, in milliseconds since 1970; undefined while there is one, and while the first is tried. */
  lostAt = $state<number>()
  /** The pod whose stream was followed before this one's, if the stream has moved. */
  previousPod = $state<string>()
  /** Whether a proxy holds the stream back, and the page asks by short requests instead. */
  isShort = $state(false)

  readonly #states = new Map<string, LiveState<unknown>>()
  /** What is on show: how many events a second at most, by topic, for each part of the page that shows some. */
  readonly #shown = new Set<Readonly<Record<string, number>>>()
  #isToBeSaid = false
  readonly #watchers = new Set<{ readonly path: string; readonly listener: WatchListener }>()
  readonly #podListeners = new Set<() => void>()
  #port: MessagePort | undefined
  #hasHeard = false

  constructor() {
    this.#follow()
    addEventListener('pagehide', () => {
      this.#say({ kind: 'leave' })
      this.#port?.close()
    })
    // Back from the browser's cache of pages.
    addEventListener('pageshow', ({ persisted }) => {
      if (persisted) this.#follow()
    })
  }

  /**
   * The state of a topic; it is told while a tab with this topic is on show.
   * @param topic as the table of tabs has it, or as `lab 05-pods/3` with a parameter; of one name there is one shape, which the server's own tests hold it to
   */
  state<State>(topic: string): LiveState<State> {
    const known = this.#states.get(topic) ?? new LiveState<unknown>()
    this.#states.set(topic, known)
    return known as LiveState<State>
  }

  /**
   * Follows these from now on.
   * @param topics how many events a second at most, by topic
   * @returns a function that ends it
   */
  show(topics: Readonly<Record<string, number>>): () => void {
    for (const topic of Object.keys(topics)) if (!this.#isShown(topic)) this.state(topic).resume()
    this.#shown.add(topics)
    this.#sayShown()
    return () => {
      this.#shown.delete(topics)
      this.#sayShown()
    }
  }

  #isShown(topic: string): boolean {
    return [...this.#shown].some((topics) => topic in topics)
  }

  /** Something has been changed by this page, which wants to see that. */
  again(): void {
    this.#say({ kind: 'again' })
  }

  /** Calls the listener when the stream has moved to another pod, whose figures mean something else. */
  onOtherPod(listener: () => void): void {
    this.#podListeners.add(listener)
  }

  /**
   * Follows what is at a path of the server's file system.
   * @param path below `--fs-root`
   * @param listener called at once, and after each change
   * @returns a function that ends it
   */
  watch(path: string, listener: WatchListener): () => void {
    const watcher = { path, listener }
    this.#watchers.add(watcher)
    this.#sayShown()
    return () => {
      this.#watchers.delete(watcher)
      this.#sayShown()
    }
  }

  /** By the stream that all tabs share; by one of the page's own where there are no shared workers, or this one can't be loaded. */
  #follow(): void {
    if (!('SharedWorker' in globalThis)) {
      void this.#followAlone()
      return
    }
    const worker = new SharedWorker(workerUrl, { type: 'module', name: root.href })
    // Behind a Service, the pod that was asked for it may have another build.
    worker.addEventListener('error', () => {
      if (!this.#hasHeard) void this.#followAlone()
    })
    this.#followBy(worker.port)
  }

  /** Few pages need it, so it is loaded then. */
  async #followAlone(): Promise<void> {
    try {
      const { ownPort } = await import('./own-broadcast.ts')
      this.#followBy(ownPort())
    } catch {
      this.lostAt ??= clock.at()
      setTimeout(() => void this.#followAlone(), retryMs)
    }
  }

  #followBy(port: MessagePort): void {
    this.#port = port
    port.addEventListener('message', ({ data }: MessageEvent<StreamReport>) => {
      this.#hasHeard = true
      if (data.kind === 'lost') this.lostAt ??= clock.at(data.received)
      else this.#take(data)
    })
    port.start()
    this.#sayShown()
  }

  /** As for a topic's state: the shapes are the server's to keep. */
  #take({ name, data, received, short }: StreamReport & { readonly kind: 'event' }): void {
    const time = clock.at(received)
    this.isShort = short
    if (name === 'identity') this.#meet(data as StreamIdentity, received)
    else if (name === 'watch') this.#tellWatchers(data as WatchEvent)
    else if (name === 'changes') this.#of(data as ChangesEvent)?.change(data as ChangesEvent, time)
    else if (name === 'failure') this.#of(data as FailureEvent)?.fail((data as FailureEvent).message)
    else this.state(name).set(data, time)
  }

  #of({ topic, of }: TopicName): LiveState<unknown> | undefined {
    return this.#states.get(of === undefined ? topic : `${topic} ${of}`)
  }

  #meet(identity: StreamIdentity, received: number): void {
    clock.set(Date.parse(identity.time), received)
    const before = this.identity
    this.identity = identity
    this.lostAt = undefined
    if (!before || before.hostname === identity.hostname) return
    this.previousPod = before.hostname
    for (const state of this.#states.values()) state.forget()
    for (const listener of this.#podListeners) listener()
  }

  #tellWatchers({ path, state }: WatchEvent): void {
    for (const watcher of this.#watchers) if (watcher.path === path) watcher.listener(state)
  }

  /** Once for all that begins and ends to be shown in one go, as when another tab is chosen: each time a stream is opened. */
  #sayShown(): void {
    if (this.#isToBeSaid) return
    this.#isToBeSaid = true
    queueMicrotask(() => {
      this.#isToBeSaid = false
      const paths = [...this.#watchers].map(({ path }) => path)
      this.#say({ kind: 'show', ...unionOf([...this.#shown].map((topics) => ({ topics, paths }))) })
    })
  }

  #say(message: PageMessage): void {
    this.#port?.postMessage(message)
  }
}

export const live = new Live()
