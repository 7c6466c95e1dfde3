/** How a topic's state is told: whole each time, or whole once and then as changes. */
import type { Entries, Topic } from '../state/topic.ts'
import { frameOf } from './frame.ts'
import { bytesPerSecond } from './pace.ts'
import type { ChangesEvent, TopicName } from './wire.ts'

/** The states of one topic, numbered as they are read. */
export interface Telling {
  /** The number of the latest; 0 before the first. */
  readonly edition: number
  /** Notes that something has changed. @param key as Changes.announce */
  touch(key?: string): void
  /** Reads the state; what it throws, the topic has thrown. */
  read(): Promise<void>
  /** What brings someone from an edition to the latest: frames, a whole state in pieces. @param edition 0 for who knows nothing yet */
  since(edition: number): readonly Buffer[]
}

export const tellingOf = (topic: Topic, name: TopicName): Telling =>
  topic.entries ? new EntriesTelling(topic, topic.entries, name) : new WholeTelling(topic, name)

class WholeTelling implements Telling {
  edition = 0
  readonly #topic: Topic
  readonly #event: string
  #frame: Buffer | undefined

  constructor(topic: Topic, { topic: event }: TopicName) {
    this.#topic = topic
    this.#event = event
  }

  touch(): void {
    // There is but one thing to read.
  }

  async read(): Promise<void> {
    this.#frame = frameOf(this.#event, await this.#topic.snapshot())
    this.edition += 1
  }

  since(edition: number): readonly Buffer[] {
    return this.#frame && edition < this.edition ? [this.#frame] : []
  }
}

/** Changes are kept for those who take them late, up to so much, in bytes. */
const maxLogBytes = bytesPerSecond

/** So much is told whole whatever has changed, in bytes: it is one packet or three, and a reader with curl sees it all. */
const smallBytes = 4096

/**
 * Keeps what was told last as text, by key, and the last changes as they were written: no more of them than the whole
 * state would take, and than a bound, so that who has missed more gets that.
 */
class EntriesTelling implements Telling {
  edition = 0
  readonly #topic: Topic
  readonly #entries: Entries
  readonly #name: TopicName
  readonly #told = new Map<string, string>()
  #toldBytes = 0
  /** The fields beside the entries. */
  #rest = '{}'
  /** Undefined when anything may have changed. */
  #touched: Set<string> | undefined
  /** The changes that led to the latest editions, oldest first. */
  #log: Buffer[] = []
  #logBytes = 0
  /** In pieces. Many may come at once, and nobody for long after. */
  #whole: WeakRef<readonly Buffer[]> | undefined

  constructor(topic: Topic, entries: Entries, name: TopicName) {
    this.#topic = topic
    this.#entries = entries
    this.#name = name
  }

  touch(key?: string): void {
    const isOne = key !== undefined && ('read' in this.#entries || 'written' in this.#entries)
    if (!isOne) this.#touched = undefined
    else this.#touched?.add(key)
  }

  async read(): Promise<void> {
    const touched = this.#touched
    this.#touched = new Set()
    try {
      if (touched && (await this.#isFresh())) this.#tell(this.#readSome(touched), false)
      else await this.#readAll()
    } catch (error) {
      this.#touched = undefined
      throw error
    }
  }

  since(edition: number): readonly Buffer[] {
    const missed = this.edition - edition
    if (missed === 0) return []
    return edition > 0 && missed <= this.#log.length ? this.#log.slice(-missed) : this.#wholeFrame()
  }

  async #isFresh(): Promise<boolean> {
    try {
      await this.#entries.refresh?.()
      return true
    } catch {
      // The whole state says what it can, or throws.
      return false
    }
  }

  /** @returns the new texts by key, undefined for what is gone */
  #readSome(keys: ReadonlySet<string>): Map<string, string | undefined> {
    const texts = new Map<string, string | undefined>()
    const written = this.#entries.written?.()
    for (const key of keys) {
      if (written) {
        texts.set(key, written.get(key))
        continue
      }
      const entry = this.#entries.read?.(key)
      texts.set(key, entry === undefined ? undefined : JSON.stringify(entry))
    }
    return texts
  }

  async #readAll(): Promise<void> {
    const { field, key } = this.#entries
    // A topic with entries has an object with that list for its state.
    const state = (await this.#topic.snapshot()) as Record<string, unknown>
    const { [field]: list, ...others } = state
    const texts = new Map<string, string | undefined>()
    for (const known of this.#told.keys()) texts.set(known, undefined)
    for (const [name, text] of this.#entries.written?.() ?? []) texts.set(name, text)
    for (const entry of list as Record<string, unknown>[])
      texts.set(String(entry[key]), JSON.stringify(entry))
    const rest = JSON.stringify(others)
    const isOther = this.edition === 0 || rest !== this.#rest
    this.#rest = rest
    this.#tell(texts, isOther)
  }

  /** @param whole whether everyone has to be told the whole state, whatever has changed */
  #tell(texts: ReadonlyMap<string, string | undefined>, whole: boolean): void {
    const set: string[] = []
    const removed: string[] = []
    for (const [key, text] of texts) {
      const before = this.#told.get(key)
      if (text === before) continue
      this.#toldBytes += (text?.length ?? 0) - (before?.length ?? 0)
      if (text === undefined) {
        this.#told.delete(key)
        removed.push(key)
      } else {
        this.#told.set(key, text)
        set.push(text)
      }
    }
    if (!whole && set.length + removed.length === 0) return
    this.edition += 1
    this.#whole = undefined
    const length = set.reduce((sum, text) => sum + text.length, 0)
    if (whole || this.#toldBytes <= smallBytes || length > this.#mostLogBytes) this.#forgetLog()
    else this.#append(this.#changesFrame(set, removed))
  }

  #forgetLog(): void {
    this.#log = []
    this.#logBytes = 0
  }

  get #mostLogBytes(): number {
    return Math.min(this.#toldBytes, maxLogBytes)
  }

  #append(frame: Buffer): void {
    this.#log.push(frame)
    this.#logBytes += frame.length
    while (this.#logBytes > this.#mostLogBytes) this.#logBytes -= this.#log.shift()?.length ?? 0
  }

  #changesFrame(set: readonly string[], removed: readonly string[]): Buffer {
    const { field, key } = this.#entries
    const event: Omit<ChangesEvent, 'set'> = { ...this.#name, field, key, removed: [...removed] }
    return Buffer.concat(listFrame('changes', JSON.stringify(event), 'set', set))
  }

  #wholeFrame(): readonly Buffer[] {
    const known = this.#whole?.deref()
    if (known) return known
    const frame = listFrame(this.#name.topic, this.#rest, this.#entries.field, this.#sorted())
    this.#whole = new WeakRef(frame)
    return frame
  }

  /** By their keys, as the state has them. */
  #sorted(): string[] {
    return [...this.#told].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, text]) => text)
  }
}

/** Characters in a piece of a frame: what is allocated in small pieces can be given back. */
const pieceLength = 1 << 16

/**
 * The frame of an object that a list is added to, in pieces.
 * @param object in JSON
 * @param texts the list's entries, each in JSON
 */
function listFrame(event: string, object: string, field: string, texts: readonly string[]): Buffer[] {
  const start = object === '{}' ? '{' : `${object.slice(0, -1)},`
  const pieces: Buffer[] = []
  let piece = `event: ${event}\ndata: ${start}${JSON.stringify(field)}:[`
  for (const [index, text] of texts.entries()) {
    piece += index === 0 ? text : `,${text}`
    if (piece.length < pieceLength) continue
    pieces.push(Buffer.from(piece))
    piece = ''
  }
  pieces.push(Buffer.from(`${piece}]}\n\n`))
  return pieces
}
