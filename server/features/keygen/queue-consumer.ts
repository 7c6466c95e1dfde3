/** A workload that takes its items from a MemQ queue. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { KeySlot } from './key-slots.ts'
import { MemQError, MemQQueue, type Message } from './memq-client.ts'
import type { KeyGenConfig, KeyGenProgress } from './wire.ts'
import type { Tools, Workload } from './workload.ts'

/** How long an item stays ours without being renewed, in seconds: how late it comes back if this process dies. */
const leaseSeconds = 30
const renewEveryMs = (leaseSeconds * 1000) / 3

/** How long to wait when there is nothing to do, or no server, in milliseconds. */
const pauseMs = 1000

/** Makes a key for each item of a queue; complete when the queue is empty and nobody holds a lease on it. */
export class QueueConsumer implements Workload {
  readonly #queue: MemQQueue
  readonly #endsWhenEmpty: boolean
  readonly #tools: Tools
  readonly #stop = new AbortController()
  readonly #startedAt = new Date()
  #done = 0
  #running = true
  #pausing: Promise<void> | undefined

  /** @param config with both memQServer and memQQueue */
  constructor({ memQServer, memQQueue, exitOnComplete }: KeyGenConfig, tools: Tools) {
    this.#queue = new MemQQueue(memQServer, memQQueue)
    this.#endsWhenEmpty = exitOnComplete
    this.#tools = tools
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
      if (outcome !== 'worked') await this.#pause(outcome.obstacle)
    }
  }

  /** Does one item, if there is one. A slot comes first, so that no lease is held while waiting for a slot. */
  async #workOnce(): Promise<'worked' | 'complete' | { obstacle: string }> {
    using slot = await this.#tools.slots.take(this.#stop.signal)
    try {
      // A stop doesn't cut this short: it could not be known then whether the server has given an item.
      const taken = await this.#queue.dequeue(leaseSeconds)
      if ('body' in taken) {
        await this.#work(taken, slot)
        return 'worked'
      }
      if (!this.#endsWhenEmpty) return { obstacle: 'Queue is empty' }
      if (taken.leased === 0) return 'complete'
      return { obstacle: `Queue is empty, but workers still hold ${taken.leased} of its items` }
    } catch (error) {
      this.#stop.signal.throwIfAborted()
      return { obstacle: errorLine(error) }
    }
  }

  async #work(item: Message, slot: KeySlot): Promise<void> {
    // A renewal that fails needs no words: the next may succeed, and a lost lease shows when the item is done.
    const renewing = setInterval(() => void this.#renew(item).catch(() => undefined), renewEveryMs)
    try {
      const fingerprint = await slot.makeKey(this.#stop.signal)
      await this.#finish(item, fingerprint)
    } catch (error) {
      await this.#giveBack(item)
      throw error
    } finally {
      clearInterval(renewing)
    }
  }

  async #renew({ lease }: Message): Promise<void> {
    if (lease !== undefined) await this.#queue.renew(lease)
  }

  /** Tells the server, until it has heard it, and only then the log. */
  async #finish({ lease }: Message, fingerprint: string): Promise<void> {
    for (;;) {
      try {
        if (lease !== undefined) await this.#queue.ack(lease)
        this.#done += 1
        this.#tools.itemDone(`Item done: ${fingerprint}`)
        return
      } catch (error) {
        if (!(error instanceof MemQError)) throw error
        if (isRefusal(error)) {
          this.#tools.say(`Item not counted as done, since its lease is lost: ${error.message}`)
          return
        }
        await this.#pause(errorLine(error))
      }
    }
  }

  /** What came without a lease is put into the queue again, as the newest. */
  async #giveBack({ lease, body }: Message): Promise<void> {
    try {
      await (lease === undefined ? this.#queue.enqueue(body) : this.#queue.nack(lease))
    } catch (error) {
      this.#tools.say(`${errorLine(error)}. An item could not be given back.`)
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

/** The server has answered and will not change its mind: the lease is over, or the queue is gone. */
const isRefusal = ({ status }: MemQError): boolean => status === 410 || status === 400 || status === 404

function errorLine(error: unknown): string {
  const action = error instanceof MemQError ? 'talking to server' : 'making a key'
  return `Error ${action}: ${(error as Error).message}`
}
