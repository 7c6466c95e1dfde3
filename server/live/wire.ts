/** What goes over the event stream, beside the topics' own states. */
import * as Type from 'typebox'
import type { Static, TSchema } from 'typebox'
import { Identity } from '../identity/wire.ts'

/** The `identity` event, a stream's first: which pod the client has reached, and what it offers. */
export const StreamIdentity = Type.Object({
  ...Identity.properties,
  features: Type.Array(Type.String(), { description: 'the features that are on, by name' }),
  time: Type.String({ format: 'date-time', description: 'this server’s clock' }),
})
export type StreamIdentity = Static<typeof StreamIdentity>

/** Which topic something is said of. */
export const TopicName = Type.Object({
  topic: Type.String(),
  of: Type.Optional(Type.String({ description: 'the parameter that the topic was asked for with' })),
})
export type TopicName = Static<typeof TopicName>

/** A `changes` event: what is different in the list of a large state since the event before. */
export const ChangesEvent = Type.Object({
  ...TopicName.properties,
  field: Type.String({ description: 'of the state, the one that has the list' }),
  key: Type.String({
    description: 'of an entry, the field that tells it from the others and sorts the list',
  }),
  removed: Type.Array(Type.String(), { description: 'the keys of what is gone' }),
  set: Type.Array(Type.Unknown(), { description: 'entries that are new or other than before' }),
})
export type ChangesEvent = Static<typeof ChangesEvent>

/** A `failure` event: a topic’s state can’t be read; the topic’s next event takes it back. */
export const FailureEvent = Type.Object({ ...TopicName.properties, message: Type.String() })
export type FailureEvent = Static<typeof FailureEvent>

/**
 * The shape of an event, as OpenAPI has it: before 3.2, a stream's schema is that of each event.
 * @param states the shape of each topic's state, by name
 */
export const eventSchema = (states: Readonly<Record<string, TSchema>>): TSchema =>
  Type.Union(
    Object.entries({
      identity: StreamIdentity,
      heartbeat: Type.Null(),
      changes: ChangesEvent,
      failure: FailureEvent,
      ...states,
    }).map(([event, state]) =>
      Type.Object({
        event: Type.Literal(event),
        data: Type.String({ contentMediaType: 'application/json', contentSchema: state }),
        retry: Type.Optional(Type.Integer({ description: 'milliseconds to wait before connecting anew' })),
      }),
    ),
  )

/** What a stream is to show. */
export const EventsQuery = Type.Object({
  topics: Type.Optional(
    Type.String({
      maxLength: 65_536,
      examples: ['liveness,memory;rate=1'],
      description:
        'the topics to tell of, with commas between them; all, if left out, and none, if empty. After a topic may stand `;rate=N`, for so many events a second at most (1 to 10; 10 if left out), and for `watch` `;of=PATH`, for `lab` `;of=LAB/STEP`, percent-encoded once more',
    }),
  ),
  watch: Type.Optional(
    Type.Array(Type.String({ pattern: '^/', title: 'a path that begins with a slash', maxLength: 4096 }), {
      maxItems: 16,
      description: 'paths to tell of when what is there changes, each in a watch event',
    }),
  ),
  lenient: Type.Optional(
    Type.Boolean({ description: 'leaves out the topics that this server doesn’t have, instead of refusing' }),
  ),
  once: Type.Optional(
    Type.Boolean({
      description: 'ends the stream when each topic has been told once: for where a proxy holds streams back',
    }),
  ),
})
export type EventsQuery = Static<typeof EventsQuery>
