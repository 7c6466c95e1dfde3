/** What goes over the event stream, beside the topics' own states. */
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { Identity } from '../identity/wire.ts'

/** The `identity` event, a stream's first: which pod the client has reached, and what it offers. */
export const StreamIdentity = Type.Object({
  ...Identity.properties,
  features: Type.Array(Type.String(), { description: 'the features that are on, by name' }),
  time: Type.String({ format: 'date-time', description: 'this server’s clock' }),
})
export type StreamIdentity = Static<typeof StreamIdentity>

/** A `watch` event: what is at a path that the client asked to watch. */
export const WatchEvent = Type.Object({ path: Type.String(), state: Type.Unknown() })
export type WatchEvent = Static<typeof WatchEvent>

/** What is asked for beside the topics. */
export const EventsQuery = Type.Object({
  watch: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), {
      maxItems: 16,
      description: 'paths to tell of when what is there changes, each in a watch event',
    }),
  ),
})
