/** A workload that takes its items from a MemQ queue. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { LineTrace } from '../../log/log.ts'
import { traceIdOf } from '../../tracing/trace-context.ts'
import type { Span } from '../../tracing/tracing.ts'
import { ItemSpans } from './item-spans.ts'
import type { KeySlot } from './key-slots.ts'
import { MemQError, MemQQueue, type Empty, type Message, type Wait } from './memq-client.ts'
import type { KeyGenConfig, KeyGenProgress } from './wire.ts'
import type { KeyWorkload, Tools } from './workload.ts'

/** How long an item stays ours without being renewed, in seconds: how late it comes back if this process dies. */
const leaseSeconds = 30
const leaseMs = leaseSeconds * 1000
const renewEveryMs = leaseMs / 3

/** How long to wait when there is nothing to do, or no server, in milliseconds. */
const pauseMs = 1000

/** How long to have the server wait for an item, in seconds; it allows no more. */
const waitSeconds = 20

/** The same where the work is done once others have done theirs, of which no answer tells. */
const lastWaitSeconds = 1

/** An answer so much earlier than it was asked for, in milliseconds, is of a server that doesn't wait. */
const earlyMs = 500

/** An item that is ours. */
interface Held extends Message {
  /** Until when at least, by performance.now(). */
  until: number
  /** The work on it, where that is traced. */
  readonly span: Span | undefined
}

/** Makes a key for each item of a queue; complete when the queue is empty and nothing can come back to it. */
export class QueueConsumer implements KeyWorkload {
  readonly #queue: MemQQueue
  readonly #spans: ItemSpans | undefined
  readonly #endsWhenEmpty: boolean
  readonly #tools: Tools
  readonly #stop = new AbortController()
  readonly #startedAt = new Date()
  #done = 0
  #running = true
  #pausing: Promise<void> | undefined
  /** What was said of the queue since the last item. */
  #waitingWords: string | undefined

  /** @param config with both memQServer and memQQueue */
  constructor({ memQServer, memQQueue, exitOnComplete }: KeyGenConfig, tools: Tools) {
    this.#queue = new MemQQueue(memQServer, memQQueue)
    this.#spans = tools.tracing && new ItemSpans(tools.tracing, memQQueue)
    this.#endsWhenEmpty = exitOnComplete
    this.#tools = tools
  }

  get isRunning(): boolean {
    return this.#running
  }

  progress(): KeyGenProgress {
    const startedAt = this.#startedAt.toISOString()
    return { running: this.#running, done: this.#done, of: null, secondsLeft: null, startedAt }
  }

  async run(): Promise<'complete' | 'stopped'> {
    const { slots, say } = this.#tools
    say('MemQ Worker starting')
    const ends = await Promise.allSettled(Array.from({ length: slots.count }, () => this.#consume()))
    if (this.#stop.signal.aborted) return 'stopped'
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed) throw failed.reason
    this.#running = false
    say('Queue is empty. All work is done.')
    return 'complete'
  }

  stop(): void {
    this.#running = false
    this.#tools.say('MemQ Worker shutting down')
    this.#stop.abort()
  }

  async #consume(): Promise<void> {
    for (;;) {
      const outcome = await this.#workOnce()
      if (outcome === 'complete') return
      if (typeof outcome === 'object') await this.#pause(outcome.obstacle)
    }
  }

  /** Does one item, if there is one. A slot comes first, so that no lease is held while waiting for a slot. */
  async #workOnce(): Promise<'worked' | 'waited' | 'complete' | { obstacle: string }> {
    using slot = await this.#tools.slots.take(this.#stop.signal)
    try {
      // A stop doesn't cut this short: it could not be known then whether the server has given an item.
      const taken = await this.#take()
      if ('body' in taken) {
        await this.#work(taken, slot)
        return 'worked'
      }
      if (this.#isDone(taken)) return 'complete'
      return taken.mayWait
        ? await this.#waitAndWork(this.#wordsFor(taken), slot)
        : { obstacle: this.#wordsFor(taken) }
    } catch (error) {
      this.#stop.signal.throwIfAborted()
      return { obstacle: errorLine(error) }
    }
  }

  /** Waits for an item of an empty queue, and does it. */
  async #waitAndWork(words: string, slot: KeySlot): Promise<'worked' | 'waited' | { obstacle: string }> {
    const seconds = this.#endsWhenEmpty ? lastWaitSeconds : waitSeconds
    if (words !== this.#waitingWords) this.#tools.say(`${words}. Waiting.`)
    this.#waitingWords = words
    const begin = performance.now()
    const taken = await this.#take({ seconds, leave: this.#stop.signal })
    if ('body' in taken) {
      await this.#work(taken, slot)
      return 'worked'
    }
    // One that shuts down answers at once too.
    return performance.now() - begin < seconds * 1000 - earlyMs ? { obstacle: words } : 'waited'
  }

  async #take(wait?: Wait): Promise<Held | Empty> {
    const until = performance.now() + leaseMs
    const receiving = this.#spans?.receive()
    try {
      const taken = await this.#queue.dequeue(leaseSeconds, wait, receiving?.carrier)
      receiving?.end()
      if (!('body' in taken)) return taken
      return { ...taken, until, span: receiving && this.#spans?.process(taken, receiving) }
    } catch (error) {
      receiving?.end(errorType(error))
      throw error
    }
  }

  #isDone({ leased, delayed }: Empty): boolean {
    return this.#endsWhenEmpty && leased === 0 && delayed === 0
  }

  #wordsFor({ leased, delayed }: Empty): string {
    if (!this.#endsWhenEmpty) return 'Queue is empty'
    return leased > 0
      ? `Queue is empty, but workers still hold ${leased} of its items`
      : `Queue is empty, with ${delayed} of its items delayed`
  }

  async #work(item: Held, slot: KeySlot): Promise<void> {
    this.#waitingWords = undefined
    // A renewal that fails needs no words: the next may succeed, and a lost lease shows when the item is done.
    const renewing = setInterval(() => void this.#renew(item).catch(() => undefined), renewEveryMs)
    try {
      const fingerprint = await slot.makeKey(this.#stop.signal)
      await this.#finish(item, fingerprint)
    } catch (error) {
      await this.#giveBack(item)
      item.span?.end(errorType(error))
      throw error
    } finally {
      clearInterval(renewing)
    }
  }

  async #renew(item: Held): Promise<void> {
    if (item.lease === undefined) return
    const until = performance.now() + leaseMs
    await this.#queue.renew(item.lease, headersOf(item))
    item.until = until
  }

  /** Tells the server, until it has heard it, and only then the log. A stop lets it try once more. */
  async #finish(item: Held, fingerprint: string): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        if (item.lease !== undefined) await this.#queue.ack(item.lease, headersOf(item))
        this.#countDone(item, fingerprint)
        return
      } catch (error) {
        if (!(error instanceof MemQError)) throw error
        if (isRefusal(error)) {
          this.#sayRefused(item, fingerprint, error, tries > 1)
          return
        }
        if (this.#stop.signal.aborted) throw error
        await this.#pause(errorLine(error)).catch(() => undefined)
      }
    }
  }

  #countDone(item: Held, fingerprint: string): void {
    this.#done += 1
    this.#tools.itemDone(`Item done: ${fingerprint}`, traceOf(item))
    item.span?.end()
  }

  /** @param again whether an ack before this one may have been heard, and its answer lost */
  #sayRefused(item: Held, fingerprint: string, error: MemQError, again: boolean): void {
    const { status, message } = error
    // What else would have ended a lease whose time isn't over? A server that knows repeated acks doesn't even ask.
    if (again && status === 410 && performance.now() < item.until) {
      this.#countDone(item, fingerprint)
      return
    }
    const words = again
      ? 'Item perhaps not counted as done: no ack was answered before its lease was lost'
      : 'Item not counted as done, since its lease is lost'
    this.#tools.say(`${words}: ${message}`, traceOf(item))
    item.span?.end(errorType(error))
  }

  /** What came without a lease is put into the queue again, as the newest. */
  async #giveBack(item: Held): Promise<void> {
    const { lease, body } = item
    const headers = headersOf(item)
    try {
      await (lease === undefined ? this.#queue.enqueue(body, headers) : this.#queue.nack(lease, headers))
    } catch (error) {
      this.#tools.say(`${errorLine(error)}. An item could not be given back.`, traceOf(item))
    }
  }

  /** However many consumers meet an obstacle, it is told once. */
  #pause(obstacle: string): Promise<void> {
    this.#pausing ??= this.#tellAndWait(obstacle)
    return this.#pausing
  }

  async #tellAndWait(obstacle: string): Promise<void> {
    const { signal } = this.#stop
    signal.throwIfAborted()
    this.#tools.say(`${obstacle}. Retrying after 1s.`)
    await sleep(pauseMs, undefined, { signal })
    this.#pausing = undefined
  }
}

/** What requests about an item carry: its trace goes on through this process whether that traces or not. */
const headersOf = ({ span, trace }: Held): Span['carrier'] | undefined =>
  span?.carrier ?? (trace && { ...trace })

const traceOf = ({ span, trace }: Held): LineTrace | undefined =>
  span ?? (trace && { traceId: traceIdOf(trace) })

/** As `error.type` has it. */
const errorType = (error: unknown): string =>
  error instanceof MemQError && error.status !== undefined ? String(error.status) : (error as Error).name

/** The server has answered and will not change its mind: the lease is over, or the queue is gone. */
const isRefusal = ({ status }: MemQError): boolean => status === 410 || status === 400 || status === 404

function errorLine(error: unknown): string {
  const action = error instanceof MemQError ? 'talking to server' : 'making a key'
  return `Error ${action}: ${(error as Error).message}`
}
