/** What a queue with settings keeps to; loaded with the first settings. */
import { bury } from './dead-letters.ts'
import type { Item } from './line.ts'
import { delayedIn, type Queue, type Rules } from './queue.ts'
import { bytesOfQueue, type MemoryQueues } from './queues.ts'
import { RefusedError } from '../store.ts'
import type { QueueSettings } from '../wire.ts'

export class QueueRules implements Rules {
  readonly settings: QueueSettings
  readonly #queues: MemoryQueues
  readonly #queue: Queue

  constructor(queues: MemoryQueues, queue: Queue, settings: QueueSettings) {
    this.#queues = queues
    this.#queue = queue
    this.settings = settings
  }

  admit(count: number, isHidden: boolean): void {
    const { line } = this.#queue
    const { maxLength = Infinity, maxAgeSeconds } = this.settings
    // Of what is put in without a delay the last is in nobody's way but that of what is hidden.
    const least = isHidden ? count : Math.min(count, 1)
    const length = delayedIn(this.#queue) + (this.#drops ? least : line.length + count)
    if (length > maxLength)
      throw new RefusedError('full', `the queue is full: it may have ${maxLength} messages that wait`)
    if (!this.#drops && this.#isOld(line.first))
      throw new RefusedError(
        'full',
        `the queue is late: its oldest message waits for more than ${maxAgeSeconds} s`,
      )
  }

  trim(): void {
    const { line } = this.#queue
    const { maxLength = Infinity } = this.settings
    if (!this.#drops) return
    while (line.length > 0 && line.length + delayedIn(this.#queue) > maxLength)
      this.#queues.discard(this.#queue)
  }

  discardOld(): void {
    const { line, name } = this.#queue
    if (!this.#drops || !this.#isOld(line.first)) return
    while (this.#isOld(line.first)) this.#queues.discard(this.#queue)
    this.#queues.changes.announce(name)
  }

  bury(item: Item): boolean {
    const { maxDeliveries = Infinity, deadLetter } = this.settings
    if (deadLetter === undefined || !item.history || item.history.deliveries < maxDeliveries) return false
    bury(this.#queues, this.#queue, item, { maxDeliveries, deadLetter })
    return true
  }

  get #drops(): boolean {
    return this.settings.overflow === 'drop-oldest'
  }

  #isOld(item: Item | undefined): boolean {
    const { maxAgeSeconds } = this.settings
    if (!item || maxAgeSeconds === undefined) return false
    return this.#queues.clock.wall() - Date.parse(item.creationTimestamp) > maxAgeSeconds * 1000
  }
}

/** Has a queue keep to settings from now on; it and the dead-letter queue are made where they are missing. @throws RefusedError `full` */
export function setRules(queues: MemoryQueues, name: string, settings: QueueSettings): void {
  const named = settings.deadLetter === undefined ? [name] : [name, settings.deadLetter]
  const missing = named.filter((each) => !queues.get(each))
  if (missing.length > 0) queues.room.take(missing.reduce((sum, each) => sum + bytesOfQueue(each), 0))
  for (const each of missing) queues.make(each)
  const queue = queues.find(name)
  const keepsToAny = Object.keys(settings).length > 0
  queue.rules = keepsToAny ? new QueueRules(queues, queue, settings) : undefined
  queues.changes.announce(queue.name)
}
