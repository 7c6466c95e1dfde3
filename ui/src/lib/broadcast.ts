/** One event stream for all who follow it: a browser opens only six connections to a host. */
import type { WatchEvent } from '../../../server/features/files/wire.ts'
import type { ChangesEvent, TopicName } from '../../../server/live/wire.ts'
import { Stream, type StreamReport } from './stream.ts'
import { unionOf, type Wanted } from './wanted.ts'
import { withChanges } from './with-changes.ts'

/** What a page says. */
export type PageMessage =
  /** From the start, and whenever what it shows changes. */
  | ({ readonly kind: 'show' } & Wanted)
  /** It has changed something on the server, and wants to see that. */
  | { readonly kind: 'again' }
  | { readonly kind: 'leave' }

type EventReport = StreamReport & { readonly kind: 'event' }

/** What every page is told, whatever it shows. */
const everyones = ['identity', 'lost']

/** Tells every page what the stream says of what it shows, and a newcomer what it has said last. */
export class Broadcast {
  readonly #stream: Stream
  /** What each page shows; undefined until it has said so. */
  readonly #pages = new Map<MessagePort, Wanted | undefined>()
  /** By what it is about. */
  readonly #latest = new Map<string, StreamReport>()
  /** What the stream was asked for, as text; undefined while it is closed. */
  #asked: string | undefined
  #isOpen = true

  /** @param root where the server's addresses begin */
  constructor(root: string) {
    this.#stream = new Stream(root, (report) => {
      this.#take(report)
    })
  }

  /** Lets a page follow, which it does until it says that it leaves. */
  join(port: MessagePort): void {
    this.#pages.set(port, undefined)
    port.addEventListener('message', ({ data }: MessageEvent<PageMessage>) => {
      if (data.kind === 'leave') this.#pages.delete(port)
      else if (data.kind === 'show') this.#show(port, data)
      else this.#stream.again()
      this.#follow()
    })
    port.start()
  }

  /** Opens the stream, if there is someone to tell. */
  open(): void {
    this.#isOpen = true
    this.#follow()
  }

  close(): void {
    this.#isOpen = false
    this.#follow()
  }

  #show(port: MessagePort, wanted: Wanted): void {
    const before = this.#pages.get(port)
    this.#pages.set(port, wanted)
    for (const [subject, report] of this.#latest)
      if (concerns(wanted, subject) && !(before && concerns(before, subject))) port.postMessage(report)
  }

  /** Asks for what all pages show together. */
  #follow(): void {
    const shown = [...this.#pages.values()].filter((wanted) => wanted !== undefined)
    if (shown.length === 0 || !this.#isOpen) {
      this.#stream.close()
      this.#latest.clear()
      this.#asked = undefined
      return
    }
    const wanted = unionOf(shown)
    const asked = JSON.stringify([Object.entries(wanted.topics).sort(), wanted.paths.toSorted()])
    if (asked === this.#asked) return
    this.#asked = asked
    this.#stream.open(wanted)
  }

  #take(report: StreamReport): void {
    const subject = report.kind === 'lost' ? 'lost' : subjectOf(report)
    // A stream's first event: it may be another pod's than the last.
    if (subject === 'identity') this.#latest.clear()
    this.#latest.set(subject, this.#wholeOf(report, subject))
    for (const [port, wanted] of this.#pages)
      if (wanted && concerns(wanted, subject)) port.postMessage(report)
  }

  /** Who joins later is told the whole state. */
  #wholeOf(report: StreamReport, subject: string): StreamReport {
    if (report.kind === 'lost' || report.name !== 'changes') return report
    const before = this.#latest.get(subject)
    if (before?.kind !== 'event') return report
    return { ...report, name: subject, data: withChanges(before.data, report.data as ChangesEvent) }
  }
}

/** What an event is about: a topic, a path, or who answers. The shapes are the server's to keep. */
function subjectOf({ name, data }: EventReport): string {
  if (name === 'watch') return `watch ${(data as WatchEvent).path}`
  if (name !== 'changes' && name !== 'failure') return name
  const { topic, of } = data as TopicName
  return of === undefined ? topic : `${topic} ${of}`
}

const concerns = ({ topics, paths }: Wanted, subject: string): boolean =>
  everyones.includes(subject) || subject in topics || paths.some((path) => subject === `watch ${path}`)
