/** What clients of a work queue have seen, and what no client may ever see of it, whatever happened meanwhile. */
import assert from 'node:assert/strict'

/** What one producer has put in: the next when a server has said that it has this. */
export interface Put {
  readonly producer: number
  readonly body: string
}

/** A message as a consumer got it; times are in milliseconds of one clock. */
export interface Delivery {
  readonly queue: string
  readonly id: string
  readonly body: string
  readonly lease: string
  readonly deliveries: number
  /** When it was asked for, and when it was there: it was handed out at some time between. */
  readonly askedAt: number
  readonly gotAt: number
  /** When its end was asked for by an ack or nack; its consumer may have left it to its time. */
  endedAt: number
  /** Whether an ack was answered by 200. */
  isDone: boolean
}

/** By how much a lease may end early: Redis's clock has whole milliseconds. */
const tickMs = 2

/** All that was seen in one run. */
export class History {
  readonly puts: Put[] = []
  readonly deliveries: Delivery[] = []

  /** @throws AssertionError naming what was put in and never done */
  assertAllDone(): void {
    const done = new Set(this.deliveries.filter(({ isDone }) => isDone).map(({ body }) => body))
    assert.deepEqual(
      this.puts.map(({ body }) => body).filter((body) => !done.has(body)),
      [],
      'put in, and never done',
    )
  }

  /**
   * Of one message, no lease begins while another runs for sure.
   * @param leaseMs how long each is
   */
  assertOneHolder(leaseMs: number): void {
    const byMessage = Map.groupBy(this.deliveries, ({ queue, id }) => `${queue} ${id}`)
    for (const deliveries of byMessage.values())
      for (const one of deliveries) {
        const end = Math.min(one.askedAt + leaseMs - tickMs, one.endedAt)
        const other = deliveries.find(({ askedAt, gotAt }) => askedAt > one.gotAt && gotAt < end)
        assert.deepEqual(other && [one, other], undefined, 'two held a message at one time')
      }
  }

  /** A producer's messages are handed out for the first time in the order in which it put them in. */
  assertOrder(queue: string): void {
    const firsts = this.deliveries.filter((one) => one.queue === queue && one.deliveries === 1)
    const byBody = new Map(firsts.map((one) => [one.body, one]))
    for (const puts of Map.groupBy(this.puts, ({ producer }) => producer).values()) {
      // The latest that any earlier message of this producer was asked for.
      let latest: Delivery | undefined
      for (const { body } of puts) {
        const first = byBody.get(body)
        if (!first) continue
        const isEarly = latest !== undefined && first.gotAt < latest.askedAt
        assert.deepEqual(isEarly ? [latest, first] : undefined, undefined, 'handed out before an older one')
        if (!latest || first.askedAt > latest.askedAt) latest = first
      }
    }
  }

  /** A message is not counted as handed out less often than it was seen to be. */
  assertCounted(): void {
    for (const seen of Map.groupBy(this.deliveries, ({ queue, id }) => `${queue} ${id}`).values()) {
      const counts = new Set(seen.map(({ deliveries }) => deliveries))
      assert.equal(counts.size, seen.length, 'two deliveries have the same count')
    }
  }
}
