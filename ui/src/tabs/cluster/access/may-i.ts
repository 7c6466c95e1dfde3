/** Answers from a list of rules what `kubectl auth can-i` asks the API server, as RBAC matches them. */
import type { Rule } from '../../../../../server/features/cluster/wire.ts'
import { kindOf } from './kinds.ts'

/** What somebody wants to do. */
export type Question =
  | {
      readonly verb: string
      /** Undefined where it isn't known, so that any will do. */
      readonly group: string | undefined
      /** With its subresource, if it is of one: `pods/log`. */
      readonly resource: string
      /** Of one object; undefined for none in particular. */
      readonly name: string | undefined
    }
  | { readonly verb: string; readonly url: string }

/**
 * Reads it as kubectl does: `get pods`, `delete deployments.apps/web`, `get pods --subresource=log`, `get /healthz`.
 * @returns undefined for what is no question
 */
export function questionIn(text: string): Question | undefined {
  const words = text
    .trim()
    .replace(/^kubectl\s+auth\s+can-i\s+/, '')
    .split(/\s+/)
  const isOption = (word: string): boolean => word.startsWith('--')
  const [verb = '', what = '', ...more] = words.filter((word) => !isOption(word))
  const options = words.filter(isOption).map((word) => /^--subresource=(\S+)$/.exec(word)?.[1])
  if (verb === '' || what === '' || more.length > 0 || options.includes(undefined)) return undefined
  if (what.startsWith('/')) return { verb: verb.toLowerCase(), url: what }
  const [, type = '', group, name] = /^([^./]+)(?:\.([^/]*))?(?:\/(.+))?$/.exec(what) ?? []
  if (type === '') return undefined
  const kind = kindOf(type)
  const resource = kind?.resource ?? type.toLowerCase()
  return {
    verb: verb.toLowerCase(),
    group: group ?? kind?.group,
    resource: [resource, ...options].join('/'),
    name,
  }
}

/** The rule that allows it; undefined if none does: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#role-and-clusterrole */
export const ruleThatAllows = (rules: readonly Rule[], question: Question): Rule | undefined =>
  rules.find((rule) => allows(rule, question))

function allows(rule: Rule, question: Question): boolean {
  if (!has(rule.verbs, question.verb)) return false
  if ('url' in question) return (rule.nonResourceURLs ?? []).some((pattern) => fits(pattern, question.url))
  const { group, resource, name } = question
  const { apiGroups = [], resources = [], resourceNames = [] } = rule
  return (
    (group === undefined ? apiGroups.length > 0 : has(apiGroups, group)) &&
    (has(resources, resource) || resources.includes(resource.replace(/^[^/]*(?=\/)/, '*'))) &&
    (resourceNames.length === 0 || (name !== undefined && resourceNames.includes(name)))
  )
}

const has = (all: readonly string[], one: string): boolean => all.includes('*') || all.includes(one)

/** A URL's pattern may end in `*`. */
const fits = (pattern: string, url: string): boolean =>
  pattern.endsWith('*') ? url.startsWith(pattern.slice(0, -1)) : pattern === url

const readVerbs = ['get', 'list', 'watch']

/** What the rules say of the namespace's secrets, such as `may not read secrets`. */
export function secretsInWords(rules: readonly Rule[]): string {
  const ofSecrets = { group: '', resource: 'secrets' }
  const verbs = readVerbs.filter((verb) => ruleThatAllows(rules, { verb, name: undefined, ...ofSecrets }))
  if (verbs.length > 0) return `may read secrets, all of the namespace’s (${verbs.join(', ')})`
  const named = rules.flatMap(({ resourceNames = [] }) =>
    resourceNames.filter((name) =>
      readVerbs.some((verb) => ruleThatAllows(rules, { verb, name, ...ofSecrets })),
    ),
  )
  if (named.length > 0) return `may read these secrets: ${[...new Set(named)].join(', ')}`
  return 'may not read secrets'
}
