/** Those who wait for messages of one queue; loaded with the first of them. */
import type { Clock } from './clock.ts'
import { emptyAnswer, type Queue, type Waiters } from './queue.ts'
import { RefusedError, type Empty, type Taking } from '../store.ts'
import type { DeliveredMessage } from '../wire.ts'

type Delivery = DeliveredMessage[] | Empty

interface Waiter {
  readonly taking: Taking
  readonly settle: (delivery: Delivery) => void
  readonly fail: (error: RefusedError) => void
}

/** First come, first served. */
export class Waits implements Waiters {
  readonly #queue: Queue
  readonly #clock: Clock
  readonly #take: (taking: Taking) => Delivery
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiter>()

  /** @param take takes what is there */
  constructor(queue: Queue, clock: Clock, take: (taking: Taking) => Delivery) {
    this.#queue = queue
    this.#clock = clock
    this.#take = take
  }

  async wait(taking: Taking, seconds: number, signal: AbortSignal): Promise<Delivery> {
    const { promise, resolve, reject } = Promise.withResolvers<Delivery>()
    const waiter: Waiter = { taking, settle: resolve, fail: reject }
    const leave = () => {
      if (this.#waiting.delete(waiter)) resolve(emptyAnswer(this.#queue))
    }
    this.#waiting.add(waiter)
    const alarm = this.#clock.after(seconds * 1000, leave)
    signal.addEventListener('abort', leave)
    try {
      return await promise
    } finally {
      alarm.close()
      signal.removeEventListener('abort', leave)
    }
  }

  serve(): void {
    for (const waiter of this.#waiting) {
      if (this.#queue.line.length === 0) return
      this.#waiting.delete(waiter)
      waiter.settle(this.#take(waiter.taking))
    }
  }

  dismiss(): void {
    for (const { fail } of this.#waiting) fail(new RefusedError('queue unknown', 'does not exist'))
    this.#waiting.clear()
  }
}
