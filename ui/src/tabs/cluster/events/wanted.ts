/** Which events are searched for. */
import type { Event } from '../../../../../server/features/cluster/wire.ts'
import { objectOf } from '../../../lib/event-words.ts'

/** What is empty leaves all. */
export interface Wanted {
  readonly type: string
  /** A part of `Pod/web-1`, in capitals or not. */
  readonly object: string
  /** In its reason, its message or its source, as `object`. */
  readonly words: string
}

export function matches(event: Event, { type, object, words }: Wanted): boolean {
  const has = (text: string, part: string): boolean => text.toLowerCase().includes(part.trim().toLowerCase())
  return (
    (type === '' || event.type === type) &&
    has(objectOf(event), object) &&
    has(`${event.reason} ${event.message} ${event.source ?? ''}`, words)
  )
}
