/** What can be seen to be so, as concepts and labs write it: objects of the namespace, or the answer of a pod. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

const strict = { additionalProperties: false }
const text = Type.String({ minLength: 1 })

/** How many: exactly so many, or as `>= 2`, `< 3`. */
export const Count = Type.Union([
  Type.Integer({ minimum: 0 }),
  Type.String({ pattern: String.raw`^(>=|<=|>|<) ?\d+$` }),
])
export type Count = Static<typeof Count>

/** A field is equal to it, or as a text says: `>= 2` compares numbers, `~ PATTERN` is a pattern that is found in it. */
export const Wanted = Type.Union([Type.Boolean(), Type.Number(), Type.String()])
export type Wanted = Static<typeof Wanted>

/** Objects of a kind that the Cluster tab shows. */
export const See = Type.Object(
  {
    see: Type.String({
      pattern: '^[a-z]+$',
      description: 'the resource, as `pods`; `endpoints` are those of all slices, each with its `service`',
    }),
    named: Type.Optional(text),
    labels: Type.Optional(
      Type.String({ minLength: 1, description: 'as kubectl takes them: app=kuard,env=prod' }),
    ),
    with: Type.Optional(
      Type.Record(Type.String(), Wanted, {
        description:
          'by the path of a field in the Cluster tab’s entries: `ready`, `containers.kuard.restartCount`, `containers.*.image`, ' +
          '`conditions.Available.status`; a list’s items by their name, their type or their place',
      }),
    ),
    count: Type.Optional(Count),
    since: Type.Optional(
      Type.String({
        pattern: '^[a-z]+/[a-z0-9.-]+$',
        description:
          'of events, which are kept for an hour: only those since this object was made, as replicasets/kuard; none while it isn’t there',
      }),
    ),
  },
  {
    ...strict,
    description:
      'of the objects named so or with these labels, so many are so; at least one where no count is given',
  },
)
export type See = Static<typeof See>

/** The answer to a GET, within the cluster. */
export const Ask = Type.Object(
  {
    get: Type.String({ pattern: '^/' }),
    of: Type.String({
      pattern: '^(pod|service|deployment|replicaset|statefulset|job|daemonset)/[a-z0-9.-]+$',
      description: 'of a Deployment and the like any pod that is ready',
    }),
    port: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 65_535, description: '8080 where it is left out' }),
    ),
    tls: Type.Optional(Type.Boolean()),
    matches: Type.String({ format: 'regex', description: 'of the body, with the m flag' }),
    says: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'what an answer that matches tells of who is asked, in words and without a full stop',
      }),
    ),
  },
  strict,
)
export type Ask = Static<typeof Ask>

export const Condition = Type.Union([See, Ask])
export type Condition = Static<typeof Condition>

/** What came of looking. */
export const Verdict = Type.Object({
  holds: Type.Union([Type.Boolean(), Type.Null()], { description: 'null where nothing can see it' }),
  saw: Type.String({ description: 'a sentence: what is there, whether it holds or not' }),
  why: Type.Union([Type.String(), Type.Null()], {
    description: 'why it may not hold yet, and what to look at',
  }),
  refused: Type.Array(Type.String(), {
    description: 'the resources that this pod has no right to list and watch',
  }),
})
export type Verdict = Static<typeof Verdict>

/** Looks at objects for as long as it is asked to. */
export interface Looking {
  /** One for each condition, in their order. Not yet listed: `holds` is null, and `saw` says so. */
  verdicts(): readonly Verdict[]
  /** Resolves once everything that the conditions need is listed, refused or away; at the latest after some seconds. */
  readonly settled: Promise<void>
  end(): void
}

/** Where one can be asked. */
export interface Address {
  /** Without a path. */
  readonly url: URL
  /** What may keep it from answering there, in a sentence; null where nothing is known to. */
  readonly doubt: string | null
}

/** Whoever can see objects: the Cluster feature, which the app hands to others. */
export interface Sight {
  /** What `see` may speak of: the resources that are watched, and `endpoints`. */
  readonly resources: readonly string[]
  /** Which cluster and namespace this is, to keep what is of one apart from what is of another; null outside of one. */
  place(): Promise<{ readonly cluster: string; readonly namespace: string } | null>
  /** @param changed is called when a verdict may have changed */
  look(conditions: readonly See[], changed: () => void): Promise<Looking>
  /** Where to ask one; or, where that isn't to be had yet, what is there instead. */
  addressOf(ask: Pick<Ask, 'of' | 'port' | 'tls'>): Promise<Address | Verdict>
}
