/** The rules as a table has them: what they allow of each resource, in one line. */
import type { Rule } from '../../../../../server/features/cluster/wire.ts'

export interface RuleRow {
  /** Empty for the core; `*` for every one. */
  readonly group: string
  /** `*` for every one. */
  readonly resource: string
  /** It is about these alone; empty for all. */
  readonly names: readonly string[]
  readonly verbs: readonly string[]
}

/** What all resources are asked by; others have their own words. */
export const usualVerbs = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
] as const

export const keyOf = ({ group, resource, names }: RuleRow): string => [group, resource, ...names].join(' ')

/** By group and resource; what several rules allow of the same is one row. */
export function rowsOf(rules: readonly Rule[]): RuleRow[] {
  const all = rules.flatMap(({ verbs, apiGroups = [], resources = [], resourceNames: names = [] }) =>
    apiGroups.flatMap((group) => resources.map((resource): RuleRow => ({ group, resource, names, verbs }))),
  )
  return [...Map.groupBy(all, keyOf).values()]
    .flatMap(([first, ...others]) =>
      first ? [{ ...first, verbs: [...new Set([first, ...others].flatMap(({ verbs }) => verbs))] }] : [],
    )
    .sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
}

export const allowsVerb = ({ verbs }: RuleRow, verb: string): boolean =>
  verbs.includes('*') || verbs.includes(verb)

/** Those that have no column of their own. */
export const otherVerbs = ({ verbs }: RuleRow): string[] =>
  verbs.filter((verb) => !(usualVerbs as readonly string[]).includes(verb))
