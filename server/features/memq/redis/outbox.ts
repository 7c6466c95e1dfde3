/** Messages on their way from one shard to another: whoever finds them brings them. */
import { setTimeout as sleep } from 'node:timers/promises'
import { RandomIds } from '../random-ids.ts'
import { shardOf, type Shards } from './shards.ts'

/** How many are brought at a time. */
const atOnce = 200
/** How long whoever sent one has to bring it, and how long after a failure it is tried again, in milliseconds. */
const pauseMs = 1_000

/** One of them: its order in the outbox, its id there, where to, itself, and its trace. */
type Departure = readonly [order: string, id: string, target: string, parcel: string, trace: string]

/** Brings what is in the outboxes. */
export class Outbox {
  readonly #shards: Shards
  readonly #ids = new RandomIds()
  readonly #running = new Map<number, Promise<void>>()
  readonly #told = new Set<number>()
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(shards: Shards) {
    this.#shards = shards
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  /** Brings a shard's; resolves when they are there, or after a second if they can't be brought yet: that is tried again. */
  async bring(shard: number): Promise<void> {
    const before = this.#running.get(shard) ?? Promise.resolve()
    // One that runs may have looked before the last came in.
    const run = before
      .then(() => this.#empty(shard))
      .catch(() => {
        this.lookSoon(shard)
      })
    this.#running.set(shard, run)
    void run.then(() => {
      if (this.#running.get(shard) === run) this.#running.delete(shard)
    })
    await Promise.race([run, sleep(pauseMs, undefined, { ref: false })])
  }

  /** Brings what anybody has left, once Redis is there. */
  async bringAll(): Promise<void> {
    try {
      const told = await this.#shards.sendToAll('departed')
      for (const { shard, reply } of told) if (reply === 1) void this.bring(shard)
    } catch {
      // When it is there again, this is called again.
    }
  }

  /** Sees in a moment whether something was left in a shard: whoever sent it is bringing it. */
  lookSoon(shard: number): void {
    this.#told.add(shard)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      const told = [...this.#told]
      this.#told.clear()
      for (const each of told) void this.bring(each)
    }, pauseMs).unref()
  }

  async #empty(shard: number): Promise<void> {
    while (!this.#closed) {
      // As the function `departures` makes them.
      const found = (await this.#ask(shard, 'departures', [String(atOnce)])) as Departure[]
      if (found.length === 0) return
      await Promise.all(
        found.map(([, id, target, parcel, trace]) =>
          this.#ask(shardOf(target), 'arrive', [id, target, parcel, this.#ids.next().slice(12), trace]),
        ),
      )
      await this.#ask(
        shard,
        'strike',
        found.flatMap(([order, id]) => [order, id]),
      )
      const targets = Map.groupBy(found, ([, , target]) => shardOf(target))
      await Promise.all(
        [...targets].map(([target, those]) =>
          this.#ask(
            target,
            'settled',
            those.map(([, id]) => id),
          ),
        ),
      )
    }
  }

  /** Without waiting for what leaves meanwhile, which might wait for this. */
  #ask(shard: number, name: string, args: readonly string[]): Promise<readonly unknown[]> {
    return this.#shards.ask(shard, name, args, { waits: false })
  }
}
