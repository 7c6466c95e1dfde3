/** A look at the messages of a queue; loaded with the first. */
import type { Clock } from './clock.ts'
import { lifeOf } from './history.ts'
import type { Item } from './line.ts'
import type { Queue } from './queue.ts'
import { placeIn } from '../random-ids.ts'
import type { PeekedMessage, PeekedMessages } from '../wire.ts'

/** How much is shown of a body, in characters. */
const startLength = 1024

interface Seen {
  readonly item: Item
  readonly state: PeekedMessage['state']
  /** By the clock. */
  readonly until?: number
}

/** The messages behind a place, in the order of their places. @param after the id that the place is of */
export function peekAt(queue: Queue, count: number, after: string | undefined, clock: Clock): PeekedMessages {
  const place = after === undefined ? 0 : placeIn(after)
  const first = new First(count + 1, place)
  for (const item of queue.line.returned()) first.offer({ item, state: 'waiting' })
  for (const { item, expires } of queue.leases.values())
    first.offer({ item, state: 'leased', until: expires })
  for (const { item, due } of queue.delays?.values() ?? [])
    first.offer({ item, state: 'delayed', until: due })
  // These are in order, so that those behind one that is too late are, too.
  for (const item of queue.line.new())
    if (!first.offer({ item, state: 'waiting' }) && item.place > place) break
  const messages = first.all.slice(0, count).map((seen) => describe(seen, clock))
  const next = first.all.length > count ? messages.at(-1)?.id : undefined
  return { kind: 'peek', messages, ...(next !== undefined && { next }) }
}

/** So many of what it is offered: the first behind a place. */
class First {
  readonly all: Seen[] = []
  readonly #count: number
  readonly #after: number

  constructor(count: number, after: number) {
    this.#count = count
    this.#after = after
  }

  /** @returns whether it is among them so far */
  offer(seen: Seen): boolean {
    const { all } = this
    const { place } = seen.item
    const last = all.at(-1)
    if (place <= this.#after) return false
    if (last && all.length === this.#count) {
      if (place > last.item.place) return false
      all.pop()
    }
    const at = all.findLastIndex(({ item }) => item.place < place)
    all.splice(at + 1, 0, seen)
    return true
  }
}

function describe({ item, state, until }: Seen, clock: Clock): PeekedMessage {
  const { id, body, creationTimestamp, history } = item
  return {
    id,
    creationTimestamp,
    deliveries: history?.deliveries ?? 0,
    ...(history?.dead && { dead: history.dead }),
    ...history?.trace,
    state,
    ...(until !== undefined && { until: new Date(clock.wall() + until - clock.now()).toISOString() }),
    start: startOf(body),
    bytes: Buffer.byteLength(body),
    life: lifeOf(creationTimestamp, history),
  }
}

/** Not with half of a character at its end. */
const startOf = (body: string): string => body.slice(0, startLength).replace(/[\uD800-\uDBFF]$/, '')
