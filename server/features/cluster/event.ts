/** Events, reduced. */
import type { Event as Reported } from 'kubernetes-types/core/v1.d.ts'
import { defined, metaOf, unlessEmpty } from './object.ts'
import type { Event } from './wire.ts'

/** Those of events.k8s.io have a series and an eventTime in place of a count and two times. */
export function eventEntry({ metadata, involvedObject, series, ...event }: Reported): Event {
  const first = event.firstTimestamp ?? event.eventTime ?? metadata.creationTimestamp
  return {
    ...metaOf(metadata),
    ...defined({
      type: event.type ?? 'Normal',
      reason: event.reason ?? '',
      message: event.message ?? '',
      count: series?.count ?? event.count ?? 1,
      firstTimestamp: first ?? undefined,
      lastTimestamp: series?.lastObservedTime ?? event.lastTimestamp ?? first ?? undefined,
      source: unlessEmpty(event.source?.component) ?? unlessEmpty(event.reportingComponent),
      object: defined({
        kind: involvedObject.kind ?? '',
        name: involvedObject.name ?? '',
        uid: involvedObject.uid,
      }),
    }),
  }
}
