/** Which events came, or came again, while the view is on show. */
import type { Event } from '../../../../../server/features/cluster/wire.ts'
import { clock } from '../../../lib/clock.svelte.ts'

/** How long one is new, in milliseconds. */
const newForMs = 10_000

export class Arrivals {
  /** How often each was seen, by its uid; undefined before the first list. */
  #counts: Readonly<Record<string, number>> | undefined
  /** When each came, by the server's clock and as `#counts`; those of the last seconds. */
  #times = $state.raw<Readonly<Record<string, number>>>({})

  /** @param events all that there are now; those of the first call are not new */
  take(events: readonly Event[]): void {
    const before = this.#counts
    this.#counts = Object.fromEntries(events.map(({ uid, count }) => [uid, count]))
    const come = before ? events.filter(({ uid, count }) => before[uid] !== count) : []
    if (come.length === 0) return
    const now = clock.at()
    const recent = Object.entries(this.#times).filter(([, time]) => time > now - newForMs)
    this.#times = Object.fromEntries([...recent, ...come.map(({ uid }) => [uid, now] as const)])
  }

  readonly isNew = ({ uid }: Event): boolean => {
    const time = this.#times[uid]
    return time !== undefined && time > clock.now - newForMs
  }
}
