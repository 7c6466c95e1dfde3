/**
 * The server's event stream, opened again whenever it ends; where a proxy holds it back, short requests for the same. Runs in the
 * shared worker, or in a page where there is none.
 */
import type { StepState } from '../../../server/features/labs/wire.ts'
import type { StreamIdentity } from '../../../server/live/wire.ts'
import { Connection } from './connection.ts'
import { addressOf, type Wanted } from './wanted.ts'

/** What those who follow a stream are told. */
export type StreamReport = (
  | {
      readonly kind: 'event'
      /** Of a topic with a parameter as it is asked for: both, with a space between. */
      readonly name: string
      readonly data: unknown
      /** Whether it came by a short request. */
      readonly short: boolean
    }
  /** The connection is gone, or was never there; it is being tried again. */
  | { readonly kind: 'lost' }
) & {
  /** By the browser's clock, in milliseconds since 1970: who joins later is told what was received before. */
  readonly received: number
}

/** The events beside the topics' own; `identity` is each stream's first. */
const ownNames = ['identity', 'changes', 'failure', 'watch', 'heartbeat']

const retryMs = 1_000
/** A server answers at once; a proxy that holds events back lets nothing through in so long. */
const firstMs = 3_000
/** The server says something every 5 s; a connection that is quiet for so long is dead, in milliseconds. */
const patienceMs = 12_000
/** Between two short requests. */
const shortMs = 1_000
/** While it asks by short requests it tries whether a stream comes through, for the server may only have been slow: soon, and then ever more seldom. */
const firstHopeMs = 4_000
const lastHopeMs = 60_000
/** Behind a Service a new connection may reach another pod: so often it is opened anew to reach the same. */
const triesForPod = 8

/** One stream at a time; while another is being opened, for other topics, the old one goes on. */
export class Stream {
  readonly #root: string
  readonly #report: (report: StreamReport) => void
  #wanted: Wanted = { topics: {}, paths: [] }
  /** The one that is followed. */
  #current: Connection | undefined
  /** The one that is being opened. */
  #next: Connection | undefined
  /** The short request that is under way. */
  #asking: Connection | undefined
  #pod: string | undefined
  #isShort = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #hope: ReturnType<typeof setTimeout> | undefined
  #hopeMs = firstHopeMs

  /** @param root where the server's addresses begin */
  constructor(root: string, report: (report: StreamReport) => void) {
    this.#root = root
    this.#report = report
  }

  /** Tells of this from now on, and of nothing else. */
  open(wanted: Wanted): void {
    this.#wanted = wanted
    clearTimeout(this.#timer)
    if (!this.#isShort) this.#connect()
    else {
      if (this.#next) this.#giveUp()
      this.#ask()
    }
  }

  /** Something has most likely changed: a short request need not wait for its time. */
  again(): void {
    if (this.#isShort) this.#ask()
  }

  close(): void {
    this.#closeAll()
    this.#pod = undefined
  }

  #closeAll(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#hope)
    for (const connection of [this.#current, this.#next, this.#asking]) connection?.close()
    this.#current = this.#next = this.#asking = undefined
    this.#isShort = false
    this.#hopeMs = firstHopeMs
  }

  #connect(tries = 1): void {
    this.#next?.close()
    const connection: Connection = this.#open(false, firstMs, {
      event: (name, data) => {
        if (connection !== this.#current && !this.#adopt(connection, data, tries)) return
        this.#tell(name, data)
      },
      end: (silent) => {
        if (connection === this.#next && silent) this.#giveUp()
        else this.#lose()
      },
    })
    this.#next = connection
  }

  /** Follows a connection by its first event. @returns whether it does; else it tries another one */
  #adopt(connection: Connection, identity: string, tries: number): boolean {
    if (this.#isOtherPod(identity) && tries < triesForPod) {
      this.#connect(tries + 1)
      return false
    }
    this.#next = undefined
    this.#closeAll()
    this.#current = connection
    return true
  }

  #isOtherPod(identity: string): boolean {
    const { hostname } = JSON.parse(identity) as StreamIdentity
    return this.#pod !== undefined && this.#pod !== hostname
  }

  /** No stream comes through. */
  #giveUp(): void {
    this.#next?.close()
    this.#next = undefined
    this.#current?.close()
    this.#current = undefined
    clearTimeout(this.#hope)
    this.#hope = setTimeout(() => {
      this.#connect()
    }, this.#hopeMs)
    this.#hopeMs = Math.min(2 * this.#hopeMs, lastHopeMs)
    if (!this.#isShort) {
      this.#isShort = true
      this.#ask()
    }
  }

  #ask(tries = 1): void {
    clearTimeout(this.#timer)
    this.#asking?.close()
    let isOurs = false
    const connection = this.#open(true, patienceMs, {
      event: (name, data) => {
        if (!isOurs && this.#isOtherPod(data) && tries < triesForPod) {
          this.#ask(tries + 1)
          return
        }
        isOurs = true
        this.#tell(name, data)
      },
      end: () => {
        if (!connection.hasSpoken) this.#lose()
        else
          this.#timer = setTimeout(() => {
            this.#ask()
          }, shortMs)
      },
    })
    this.#asking = connection
  }

  #open(once: boolean, firstMs: number, listener: ConstructorParameters<typeof Connection>[3]): Connection {
    const topics = Object.keys(this.#wanted.topics).map((topic) => topic.replace(/ .*/, ''))
    const names = new Set([...ownNames, ...topics])
    const address = addressOf(this.#wanted, this.#root, once)
    return new Connection(address, names, { firstMs, nextMs: patienceMs }, listener)
  }

  #tell(name: string, json: string): void {
    if (name === 'heartbeat') return
    const data: unknown = JSON.parse(json)
    // The shapes are the server's to keep.
    if (name === 'identity') this.#pod = (data as StreamIdentity).hostname
    this.#report({
      kind: 'event',
      name: askedFor(name, data),
      data,
      short: this.#isShort,
      received: Date.now(),
    })
  }

  #lose(): void {
    this.#closeAll()
    this.#pod = undefined
    this.#report({ kind: 'lost', received: Date.now() })
    this.#timer = setTimeout(() => {
      this.#connect()
    }, retryMs)
  }
}

/** What an event is told of. The shapes are the server's to keep. */
function askedFor(name: string, data: unknown): string {
  if (name !== 'lab') return name
  const { lab, step } = data as StepState
  return `lab ${lab}/${String(step)}`
}
