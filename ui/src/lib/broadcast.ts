/** One event stream for all who follow it: a browser opens only six connections to a host. */
import type { WatchEvent } from '../../../server/features/files/wire.ts'
import type { ChangesEvent, StreamIdentity } from '../../../server/live/wire.ts'
import { Stream, type StreamReport } from './stream.ts'
import { withChanges } from './told-changes.ts'

/** What a page says. */
export type PageMessage =
  /** From the start, and whenever what it watches changes. */
  { readonly kind: 'watch'; readonly paths: readonly string[] } | { readonly kind: 'leave' }

/** The server takes so many paths in one stream. */
const maxPaths = 16

/** What a `watch` report has: behind a Service it may come from another pod than the topics. */
export interface Watched extends WatchEvent {
  /** The host name of the pod that tells it. */
  readonly pod: string
}

/** Tells every page what the stream says, and a newcomer what it has said last. */
export class Broadcast {
  readonly #topics: Stream
  /** Of its own, so that another folder on show doesn't interrupt the topics. */
  readonly #files: Stream
  /** What each page watches. */
  readonly #pages = new Map<MessagePort, readonly string[]>()
  /** By event. */
  readonly #latest = new Map<string, StreamReport>()
  /** By path. */
  readonly #latestWatched = new Map<string, StreamReport>()
  #watched: readonly string[] = []

  /** @param root where the server's addresses begin */
  constructor(root: string) {
    this.#topics = new Stream(root, (report) => {
      // A stream's first event: it may be another pod's than the last.
      if (report.kind === 'event' && report.name === 'identity') this.#latest.clear()
      if (report.kind === 'event' && report.name === 'changes') this.#change(report)
      else this.#latest.set(report.kind === 'event' ? report.name : report.kind, report)
      this.#tell(report)
    })
    let pod = ''
    this.#files = new Stream(root, (report) => {
      if (report.kind !== 'event') return
      // The shapes are the server's to keep.
      if (report.name === 'identity') pod = (report.data as StreamIdentity).hostname
      if (report.name !== 'watch') return
      const data: Watched = { ...(report.data as WatchEvent), pod }
      this.#latestWatched.set(data.path, { ...report, data })
      this.#tell({ ...report, data })
    })
  }

  /** Lets a page follow, which it does until it says that it leaves. */
  join(port: MessagePort): void {
    this.#pages.set(port, [])
    port.addEventListener('message', ({ data }: MessageEvent<PageMessage>) => {
      if (data.kind === 'leave') this.#leave(port)
      else this.#watch(port, data.paths)
    })
    port.start()
    if (this.#pages.size === 1) this.open()
    for (const report of this.#latest.values()) port.postMessage(report)
  }

  /** Opens the streams, if there is someone to tell. */
  open(): void {
    if (this.#pages.size === 0) return
    this.#topics.open()
    this.#followFiles()
  }

  close(): void {
    this.#topics.close()
    this.#files.close()
    this.#latest.clear()
    this.#latestWatched.clear()
    this.#watched = []
  }

  #leave(port: MessagePort): void {
    this.#pages.delete(port)
    if (this.#pages.size === 0) this.close()
    else this.#followFiles()
  }

  #watch(port: MessagePort, paths: readonly string[]): void {
    const before = this.#pages.get(port) ?? []
    this.#pages.set(port, paths)
    for (const path of paths.filter((path) => !before.includes(path))) {
      const known = this.#latestWatched.get(path)
      if (known) port.postMessage(known)
    }
    this.#followFiles()
  }

  /** Who joins later is told the whole state. */
  #change(report: StreamReport & { readonly kind: 'event' }): void {
    const changes = report.data as ChangesEvent
    const before = this.#latest.get(changes.topic)
    if (before?.kind === 'event')
      this.#latest.set(changes.topic, {
        ...report,
        name: changes.topic,
        data: withChanges(before.data, changes),
      })
  }

  #tell(report: StreamReport): void {
    for (const port of this.#pages.keys()) port.postMessage(report)
  }

  /** Of too many paths those that came last. */
  #followFiles(): void {
    const paths = [...new Set([...this.#pages.values()].flat())].slice(-maxPaths)
    if (paths.length === this.#watched.length && paths.every((path) => this.#watched.includes(path))) return
    this.#watched = paths
    for (const path of this.#latestWatched.keys()) if (!paths.includes(path)) this.#latestWatched.delete(path)
    if (paths.length === 0) this.#files.close()
    else this.#files.open(paths)
  }
}
