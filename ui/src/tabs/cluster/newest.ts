/** What was told of each object. */
import type { Event } from '../../../../server/features/cluster/wire.ts'
import { newestFirst } from '../../lib/event-words.ts'

/** An object that events may be of. */
interface Subject {
  readonly name: string
  readonly uid: string
}

/** Gives the events of an object, newest first. */
export type EventsOf = (kind: string, object: Subject) => readonly Event[]

/** @param events of a namespace; of an object those of its uid count, since another of its name may have been there before */
export function eventsByObject(events: readonly Event[]): EventsOf {
  const byName = new Map<string, Event[]>()
  for (const event of events) {
    const key = `${event.object.kind}/${event.object.name}`
    const told = byName.get(key)
    if (told) told.push(event)
    else byName.set(key, [event])
  }
  return (kind, { name, uid }) => {
    const told = byName.get(`${kind}/${name}`) ?? []
    return newestFirst(told.filter(({ object }) => object.uid === undefined || object.uid === uid))
  }
}
