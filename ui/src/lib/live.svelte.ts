/** The state of the server as its event stream tells it, and whether that is still so. */
import type { WatchedPath } from '../../../server/features/files/wire.ts'
import type { KeyGenStatus } from '../../../server/features/keygen/wire.ts'
import type { MemoryStatus } from '../../../server/features/memory/wire.ts'
import type { MemqState } from '../../../server/features/memq/wire.ts'
import type { ProbeStatus } from '../../../server/features/probe/wire.ts'
import type { ChangesEvent, StreamIdentity } from '../../../server/live/wire.ts'
import { Broadcast, type PageMessage, type Watched } from './broadcast.ts'
import workerUrl from './broadcast-worker.ts?sharedworker&url'
import { clock } from './clock.svelte.ts'
import { root } from './root.ts'
import type { StreamReport, TopicName } from './stream.ts'
import { withChanges } from './told-changes.ts'

/** Is told what is at a path, and which pod says so. */
type WatchListener = (state: WatchedPath, pod: string) => void

/** One topic's latest state. */
class Topic<State> {
  #latest = $state.raw<State>()
  #latestTime = 0
  readonly #listeners = new Set<(state: State, time: number) => void>()

  /** Undefined until it has come, and after another pod has taken the stream over. */
  get latest(): State | undefined {
    return this.#latest
  }

  /** Calls the listener with the latest state, if there is one, and with every one that comes, for as long as the page lives. */
  listen(listener: (state: State, time: number) => void): void {
    this.#listeners.add(listener)
    // A tab's own module may be loaded after the only state that comes.
    if (this.#latest !== undefined) listener(this.#latest, this.#latestTime)
  }

  /**
   * @param state from the wire, where the server's own tests hold it to its shape
   * @param time when it came, in milliseconds since 1970
   */
  set(state: unknown, time: number): void {
    this.#latest = state as State
    this.#latestTime = time
    for (const listener of this.#listeners) listener(state as State, time)
  }

  /** @param changes of the latest state */
  change(changes: ChangesEvent, time: number): void {
    if (this.#latest !== undefined) this.set(withChanges(this.#latest, changes), time)
  }

  forget(): void {
    this.#latest = undefined
  }
}

class Live {
  /** The pod that the stream comes from; undefined before the first connection. */
  identity = $state.raw<StreamIdentity>()
  /** When the connection was lost, in milliseconds since 1970; undefined while there is one, and while the first is tried. */
  lostAt = $state<number>()
  /** The pod whose stream was followed before this one's, if the stream has moved. */
  previousPod = $state<string>()

  readonly liveness = new Topic<ProbeStatus>()
  readonly readiness = new Topic<ProbeStatus>()
  readonly memory = new Topic<MemoryStatus>()
  readonly keygen = new Topic<KeyGenStatus>()
  readonly memq = new Topic<MemqState>()
  readonly #topics: ReadonlyMap<string, Pick<Topic<unknown>, 'set' | 'change' | 'forget'>> = new Map(
    Object.entries({
      liveness: this.liveness,
      readiness: this.readiness,
      memory: this.memory,
      keygen: this.keygen,
      memq: this.memq,
    } satisfies Record<TopicName, unknown>),
  )

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
    this.#sayWatched()
    return () => {
      this.#watchers.delete(watcher)
      this.#sayWatched()
    }
  }

  /** By the stream that all tabs share; by one of the page's own where there are no shared workers, or this one can't be loaded. */
  #follow(): void {
    if (!('SharedWorker' in globalThis)) {
      this.#followBy(ownPort())
      return
    }
    const worker = new SharedWorker(workerUrl, { type: 'module', name: root.href })
    // Behind a Service, the pod that was asked for it may have another build.
    worker.addEventListener('error', () => {
      if (!this.#hasHeard) this.#followBy(ownPort())
    })
    this.#followBy(worker.port)
  }

  #followBy(port: MessagePort): void {
    this.#port = port
    port.addEventListener('message', ({ data }: MessageEvent<StreamReport>) => {
      this.#hasHeard = true
      if (data.kind === 'lost') this.lostAt ??= clock.at(data.received)
      else this.#take(data.name, data.data, data.received)
    })
    port.start()
    this.#sayWatched()
  }

  #take(name: string, state: unknown, received: number): void {
    // As Topic.set: the shapes are the server's to keep.
    if (name === 'identity') this.#meet(state as StreamIdentity, received)
    else if (name === 'watch') this.#tellWatchers(state as Watched)
    else if (name === 'changes') this.#change(state as ChangesEvent, received)
    else this.#topics.get(name)?.set(state, clock.at(received))
  }

  #change(changes: ChangesEvent, received: number): void {
    this.#topics.get(changes.topic)?.change(changes, clock.at(received))
  }

  #meet(identity: StreamIdentity, received: number): void {
    clock.set(Date.parse(identity.time), received)
    const before = this.identity
    this.identity = identity
    this.lostAt = undefined
    if (!before || before.hostname === identity.hostname) return
    this.previousPod = before.hostname
    for (const topic of this.#topics.values()) topic.forget()
    for (const listener of this.#podListeners) listener()
  }

  #tellWatchers({ path, state, pod }: Watched): void {
    for (const watcher of this.#watchers) if (watcher.path === path) watcher.listener(state, pod)
  }

  #sayWatched(): void {
    this.#say({ kind: 'watch', paths: [...this.#watchers].map(({ path }) => path) })
  }

  #say(message: PageMessage): void {
    this.#port?.postMessage(message)
  }
}

let own: Broadcast | undefined

/** To a stream of the page's own, closed while the page is hidden. */
function ownPort(): MessagePort {
  own ??= broadcastWhileSeen()
  const { port1, port2 } = new MessageChannel()
  own.join(port2)
  return port1
}

function broadcastWhileSeen(): Broadcast {
  const broadcast = new Broadcast(root.href)
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) broadcast.close()
    else broadcast.open()
  })
  return broadcast
}

export const live = new Live()
