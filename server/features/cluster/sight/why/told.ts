/** What events tell of an object. */
import type { EntryOf } from '../../wire.ts'
import type { Scene } from '../scene.ts'

type Event = EntryOf<'events'>

/** What an event is about. */
export interface About {
  readonly kind: string
  readonly name: string
  /** Of one before it that had the same name, events are kept for an hour. */
  readonly uid?: string
}

/** Of an object with one of these reasons, newest first. */
export const toldOf = (scene: Scene, about: About, ...reasons: string[]): Event[] =>
  (scene.entries('events') ?? [])
    .filter(({ reason, object }) => reasons.includes(reason) && isAbout(object, about))
    .sort((one, other) => (lastSeen(one) < lastSeen(other) ? 1 : -1))

const isAbout = ({ kind, name, uid }: Event['object'], about: About): boolean =>
  kind === about.kind && name === about.name && (uid ?? about.uid) === (about.uid ?? uid)

const lastSeen = ({ lastTimestamp = '' }: Event): string => lastTimestamp
