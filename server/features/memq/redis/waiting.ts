/** Those who wait for messages at this server: Redis says whose turn it is, and they ask it when they are told that there is something. */
import { randomBytes } from 'node:crypto'
import type { Empty, Taking } from '../store.ts'
import type { DeliveredMessage } from '../wire.ts'
import { takenIn } from './entries.ts'

/** How long a message is held that is to be finished at once, until it is known that who waited for it is still there, in milliseconds. */
const confirmationMs = 10_000

const nothing: Empty = { kind: 'empty', leased: 0, delayed: 0 }

/** What is asked of Redis, by the names of functions.ts. */
type Ask = (name: string, queue: string, args: readonly string[]) => Promise<readonly unknown[]>

/** One who waits. */
class Waiter {
  /** Redis knows it by this, and its server. */
  readonly number: string
  isOver = false
  /** It was told that there may be something, and has not asked since. */
  isWoken = false
  #rise: (() => void) | undefined

  constructor(number: string) {
    this.number = number
  }

  wake(): void {
    this.isWoken = true
    this.#rise?.()
  }

  end(): void {
    this.isOver = true
    this.#rise?.()
  }

  async sleep(): Promise<void> {
    if (this.isWoken || this.isOver) return
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#rise = () => {
      resolve(undefined)
    }
    await promise
  }
}

/** Those who wait for one queue, in their order. */
class Line {
  readonly waiters = new Set<Waiter>()
  #timer: NodeJS.Timeout | undefined
  #rings = Infinity

  /** Tells the first of them that there may be something. */
  wake(count: number): void {
    let woken = 0
    for (const waiter of this.waiters) {
      if (woken >= count) return
      waiter.wake()
      woken += 1
    }
  }

  /** Tells the one that is first in Redis's eyes. @returns whether it waits still */
  call(number: string): boolean {
    const called = [...this.waiters].find((waiter) => waiter.number === number)
    called?.wake()
    return called !== undefined
  }

  /** Tells the first one in some milliseconds, or before. */
  wakeIn(milliseconds: number): void {
    const rings = performance.now() + milliseconds
    if (rings >= this.#rings) return
    this.close()
    this.#rings = rings
    // Redis sees to what is over by its own clock, in whole milliseconds.
    this.#timer = setTimeout(() => {
      this.#rings = Infinity
      this.wake(1)
    }, milliseconds + 1).unref()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#rings = Infinity
  }
}

/** All who wait at this server. */
export class Waiting {
  readonly #ask: Ask
  readonly #tail: () => string
  readonly #server = randomBytes(8).toString('hex')
  readonly #lines = new Map<string, Line>()
  #last = 0

  /** @param tail makes what nobody can guess of a lease’s name */
  constructor(ask: Ask, tail: () => string) {
    this.#ask = ask
    this.#tail = tail
  }

  /** There is something, or something may come back, as the functions tell it. */
  told(text: string): void {
    const space = text.indexOf(' ')
    const line = this.#lines.get(text.slice(space + 1))
    if (!line) return
    if (text.startsWith('@')) line.wakeIn(Number(text.slice(1, space)))
    else line.wake(Number(text.slice(0, space)))
  }

  /** What was told may have been missed. */
  missed(): void {
    for (const line of this.#lines.values()) line.wake(Infinity)
  }

  /** As the store's, once what is told is heard. */
  async waitFor(
    queue: string,
    taking: Taking,
    seconds: number,
    signal: AbortSignal,
  ): Promise<DeliveredMessage[] | Empty> {
    this.#last += 1
    const waiter = new Waiter(String(this.#last))
    const end = () => {
      waiter.end()
    }
    const timer = setTimeout(end, seconds * 1000)
    signal.addEventListener('abort', end)
    const line = this.#enter(queue, waiter)
    try {
      return await this.#take(queue, taking, waiter, line, signal)
    } finally {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      this.#leave(queue, waiter, line)
    }
  }

  #enter(queue: string, waiter: Waiter): Line {
    const line = this.#lines.get(queue) ?? new Line()
    this.#lines.set(queue, line)
    line.waiters.add(waiter)
    return line
  }

  #leave(queue: string, waiter: Waiter, line: Line): void {
    line.waiters.delete(waiter)
    // It may have been told of another message than the one that it has.
    if (waiter.isWoken) line.wake(1)
    if (line.waiters.size > 0) return
    line.close()
    this.#lines.delete(queue)
  }

  async #take(
    queue: string,
    { count, leaseSeconds }: Taking,
    waiter: Waiter,
    line: Line,
    signal: AbortSignal,
  ): Promise<DeliveredMessage[] | Empty> {
    const tail = this.#tail()
    const milliseconds = leaseSeconds === undefined ? confirmationMs : leaseSeconds * 1000
    const name = [this.#server, waiter.number]
    const how = [String(count), tail, String(milliseconds)]
    // Of the queue: another one of its name is not waited for.
    let made: readonly string[] = []
    const ask = async (operation: string, args: readonly string[]) => {
      const reply = await this.#ask(operation, queue, args)
      const [, , again, whenMade, ahead] = reply
      if (typeof again === 'number') {
        made = [String(whenMade)]
        if (again >= 0) line.wakeIn(again)
        if (typeof ahead === 'string' && !line.call(ahead)) this.#forget(queue, ahead)
      }
      return takenIn(reply, tail)
    }
    let taken = await ask('wait', [...name, ...how])
    while (!Array.isArray(taken)) {
      await waiter.sleep()
      if (waiter.isOver) break
      waiter.isWoken = false
      taken = await ask('ask', [...name, ...how, ...made])
    }
    // For the last time: a server of the version before tells nobody what it puts in.
    if (!Array.isArray(taken)) taken = await ask('leave', signal.aborted ? name : [...name, ...how, ...made])
    if (!Array.isArray(taken)) return taken
    return this.#hand(queue, taken, leaseSeconds === undefined, signal)
  }

  /** Has one leave whose own leaving, or coming, had no answer. */
  #forget(queue: string, number: string): void {
    // Whoever stands behind it asks again.
    this.#ask('leave', queue, [this.#server, number]).catch(() => undefined)
  }

  /** Nothing is taken for one who has left. */
  async #hand(
    queue: string,
    taken: DeliveredMessage[],
    isFinished: boolean,
    signal: AbortSignal,
  ): Promise<DeliveredMessage[] | Empty> {
    const leases = taken.map(({ lease = '' }) => lease)
    if (signal.aborted) {
      await this.#ask('undo', queue, leases)
      return nothing
    }
    if (!isFinished) return taken
    const [, ...gone] = await this.#ask('finish', queue, leases)
    // What has come back meanwhile is no longer its.
    const finished = taken.filter((_, at) => !gone.includes(at))
    for (const message of finished) {
      delete message.lease
      // That it was held so long is no event of its life.
      message.life?.pop()
    }
    return finished.length > 0 ? finished : nothing
  }
}
