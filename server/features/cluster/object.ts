/** What all objects have in common, reduced: who they are, whose they are, their conditions and selectors. */
import type {
  Condition as Reported,
  LabelSelector,
  LabelSelectorRequirement,
  ObjectMeta,
  OwnerReference as Owner,
} from 'kubernetes-types/meta/v1.d.ts'
import type { Condition, OwnerReference } from './wire.ts'

/** An object without the fields that are undefined, which JSON would leave out and TypeScript wants left out. */
type Defined<Fields> = {
  [Name in keyof Fields as undefined extends Fields[Name] ? never : Name]: Fields[Name]
} & {
  [Name in keyof Fields as undefined extends Fields[Name] ? Name : never]?: Exclude<Fields[Name], undefined>
}

/** Leaves out the fields that are undefined. */
export function defined<Fields extends object>(fields: Fields): Defined<Fields> {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined)
  // Only what is undefined was left out.
  return Object.fromEntries(kept) as Defined<Fields>
}

/** What has nothing in it is left out. */
export const unlessEmpty = <Value extends object | string>(
  value: Value | null | undefined,
): Value | undefined => (value && Object.keys(value).length > 0 ? value : undefined)

/** The fields that every entry has. */
export const metaOf = (metadata: ObjectMeta = {}) =>
  defined({
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    creationTimestamp: metadata.creationTimestamp,
    deletionTimestamp: metadata.deletionTimestamp,
    labels: unlessEmpty(metadata.labels),
    ownerReferences: unlessEmpty(metadata.ownerReferences?.map(ownerOf)),
  })

const ownerOf = ({ kind, name, uid, controller = false }: Owner): OwnerReference => ({
  kind,
  name,
  uid,
  controller,
})

/** As a Deployment has them, with one field more than the others. */
type ReportedCondition = Pick<Reported, 'type' | 'status'> &
  Partial<Reported> & { readonly lastUpdateTime?: string }

/** @param reported those of any kind of object: all have these fields */
export const conditionsOf = (reported: readonly ReportedCondition[] | undefined): Condition[] | undefined =>
  unlessEmpty(
    reported?.map(({ type, status, reason, message, lastTransitionTime, lastUpdateTime }) =>
      defined({
        type,
        status,
        reason: unlessEmpty(reason),
        message: unlessEmpty(message),
        lastTransitionTime: unlessEmpty(lastTransitionTime),
        lastUpdateTime: unlessEmpty(lastUpdateTime),
      }),
    ),
  )

/** A selector as kubectl writes it: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */
export function selectorText(selector: LabelSelector | undefined): string | undefined {
  if (!selector) return undefined
  const { matchLabels = {}, matchExpressions = [] } = selector
  return [...equalities(matchLabels), ...matchExpressions.map(expressionText)].join(',')
}

/** One requirement of labels as kubectl writes it; those of nodes may compare numbers. */
export function expressionText({ key, operator, values = [] }: LabelSelectorRequirement): string {
  if (operator === 'Exists') return key
  if (operator === 'DoesNotExist') return `!${key}`
  if (operator === 'Gt' || operator === 'Lt') return `${key}${operator === 'Gt' ? '>' : '<'}${values.join()}`
  return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`
}

/** Labels that are each to be equal, as kubectl writes them. */
export const equalities = (labels: Readonly<Record<string, string>>): string[] =>
  Object.entries(labels).map(([key, value]) => `${key}=${value}`)

/** A number or a share, as `maxSurge` has it. */
export const textOf = (value: string | number | undefined): string | undefined =>
  value === undefined ? undefined : String(value)

/** Quantities by name, those that are shown. */
export const quantitiesOf = (
  quantities: Readonly<Record<string, unknown>> | undefined,
  names?: readonly string[],
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(quantities ?? {})
      .filter(([name]) => names?.includes(name) ?? true)
      .map(([name, quantity]) => [name, String(quantity)]),
  )
