/** The node, and what the downward API has told: by variables, by files, by a token. */
import { basename } from 'node:path'
import { readSmallFile } from '../../host/small-file.ts'
import { parseDownwardFile } from './downward-file.ts'
import { fieldOf, type KnownValues } from './downward-fields.ts'
import type { ContainerReport, DownwardFact, TokenClaims } from './wire.ts'

type Node = ContainerReport['node']

/** What is looked at. */
export interface NodeSources {
  readonly env: NodeJS.ProcessEnv
  /** Of files in which the downward API may have written; null where none can be seen. */
  readonly paths: readonly string[] | null
  readonly tokens: readonly TokenClaims[] | null
  /** What is known of the pod otherwise. */
  readonly known: KnownValues
}

/** Annotations have 256 KiB at most in all (Kubernetes' validation), which quotes make longer. */
const maxBytes = 1024 * 1024

/** Labels that Kubernetes copies from a node to its pods (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#podtopologylabels). */
const ofNode = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone']

/** Never fails: what can't be read is null. */
export async function readNode({ env, paths, tokens, known }: NodeSources): Promise<Node> {
  const files = (await Promise.all((paths ?? []).map((path) => factOfFile(path, known)))).filter(
    (fact) => fact !== undefined,
  )
  const labels = files.find(({ field }) => field === 'metadata.labels')?.values ?? []
  const facts = [...factsOfTokens(tokens ?? []), ...factsOfVariables(env, known, labels), ...files]
  const valueOf = (wanted: string) => facts.find(({ field }) => field === wanted)?.values[0]?.value ?? null
  const nodeLabels = labels.flatMap(({ name, value }) =>
    name !== null && ofNode.includes(name) ? [{ name, value }] : [],
  )
  return {
    name: valueOf('spec.nodeName'),
    address: valueOf('status.hostIP'),
    labels: nodeLabels.length === 0 ? null : nodeLabels,
    facts,
  }
}

const factOf = (field: string, value: string, from: string): DownwardFact => ({
  field,
  values: [{ name: null, value }],
  from,
})

/** What the first token that claims it says. */
function factsOfTokens(tokens: readonly TokenClaims[]): DownwardFact[] {
  const fields = [
    ['spec.nodeName', 'node'],
    ['metadata.name', 'pod'],
    ['metadata.namespace', 'namespace'],
    ['spec.serviceAccountName', 'serviceAccount'],
  ] as const
  return fields.flatMap(([field, claim]) => {
    const value = tokens.find((token) => token[claim] !== null)?.[claim] ?? null
    return value === null ? [] : [factOf(field, value, 'the token')]
  })
}

/** By their names, unless what is known otherwise speaks against it. */
function factsOfVariables(
  env: NodeJS.ProcessEnv,
  known: KnownValues,
  labels: DownwardFact['values'],
): DownwardFact[] {
  const sorted = Object.entries(env).sort(([one], [other]) => (one < other ? -1 : 1))
  return sorted.flatMap(([name, value = '']) => {
    const from = `variable ${name}`
    const told = fieldOf(name, value, known)
    if (told)
      return told.isSure
        ? [factOf(told.field, value, from)]
        : [factOf(told.field, value, `${from}, by its name alone`)]
    const label = labels.find((one) => one.value === value && name.endsWith(variableFor(one.name ?? '')))
    return label && value !== '' ? [factOf(`metadata.labels['${label.name}']`, value, from)] : []
  })
}

/** `app.kubernetes.io/part-of` as a variable's name ends with it: `_PART_OF`. */
const variableFor = (label: string): string =>
  `_${label
    .replace(/.*\//, '')
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '_')}`

/** Labels and annotations by the file's name and form; any other field only where its value is known otherwise. */
async function factOfFile(path: string, known: KnownValues): Promise<DownwardFact | undefined> {
  const [, list] = /(label|annotation)s?$/i.exec(basename(path)) ?? []
  const text = await readSmallFile(path, list ? maxBytes : 256).catch(() => '')
  const from = `file ${path}`
  if (list) {
    const values = parseDownwardFile(text)
    return values && { field: `metadata.${list.toLowerCase()}s`, values, from }
  }
  const value = text.trim()
  const told = fieldOf(basename(path), value, known)
  return told?.isSure ? factOf(told.field, value, from) : undefined
}
