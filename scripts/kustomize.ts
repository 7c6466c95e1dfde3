/**
 * Makes kustomize/ of the chart, so that both are one source: `npm run kustomize`. Tests fail while it is not what the chart makes.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { stringify } from 'yaml'
import { render, type KubernetesObject, type Values } from './chart.ts'

export const kustomizeFolder = join(import.meta.dirname, '../kustomize')

/** What lies over the base. */
interface Overlay {
  readonly watchFor: string
  /** With which the chart makes the same. */
  readonly values: Values
  /** How kustomize says it, where it has words for all of it; else patches do. */
  readonly words?: Readonly<Record<string, unknown>>
}

/** A colour is an image's tag, and a label. */
const colour = (tag: string): Overlay => ({
  watchFor: `Apply it over another colour: the Deployment rolls over to ${tag}.`,
  values: { image: { tag } },
  words: {
    images: [{ name: 'kuard', newTag: tag }],
    labels: [{ pairs: { 'app.kubernetes.io/version': tag }, includeTemplates: true }],
  },
})

export const overlays: Readonly<Record<string, Overlay>> = {
  blue: colour('blue'),
  green: colour('green'),
  redis: {
    watchFor:
      'Two pods show the same work queues, which outlive both. The password in secret.yaml is public: have your own.',
    values: { replicaCount: 2, memq: { redis: { enabled: true, password: 'not-a-real-one' } } },
  },
  'cluster-view': {
    watchFor:
      'The Cluster tab fills. As it is here it is for the namespace default; a line "namespace: mine" makes it another.',
    values: { clusterView: { enabled: true } },
  },
}

/** One of kustomize/, with what its first line says. */
interface File {
  readonly path: string
  readonly comment: string
  readonly content: unknown
}

/** What of an object says that Helm has made it. */
const labelsOfHelm = new Set(['app.kubernetes.io/managed-by', 'helm.sh/chart'])

/** The objects that the chart makes of values, without what is Helm's. */
export const objectsOf = (values: Values): KubernetesObject[] =>
  render(values, { args: ['--skip-tests'] }).map(({ metadata, ...object }) => {
    const labels = Object.entries(metadata.labels ?? {}).filter(([name]) => !labelsOfHelm.has(name))
    return { ...object, metadata: { ...metadata, labels: Object.fromEntries(labels) } }
  })

/** The texts of kustomize/ by their paths. */
export async function kustomizeFiles(): Promise<ReadonlyMap<string, string>> {
  const base = objectsOf({})
  const files = [
    ...folder('base', 'Start from it: one pod, a Service, and an account that may do nothing.', base),
    ...Object.entries(overlays).flatMap(([name, overlay]) => overlayFiles(name, overlay, base)),
  ]
  const style = await resolveConfig(join(kustomizeFolder, 'base/kustomization.yaml'))
  const texts = files.map(async ({ path, comment, content }) => {
    const text = `# ${comment}\n${stringify(content)}`
    return [path, await format(text, { ...style, parser: 'yaml' })] as const
  })
  return new Map(await Promise.all(texts))
}

function overlayFiles(name: string, { watchFor, values, words }: Overlay, base: KubernetesObject[]): File[] {
  const path = `overlays/${name}`
  const below = ['../../base']
  if (words) return folder(path, watchFor, [], below, words)
  const all = objectsOf(values)
  const patches = all.flatMap((object) => {
    const before = base.find((one) => idOf(one) === idOf(object))
    return before && !isDeepStrictEqual(before, object) ? [patchOf(before, object)] : []
  })
  const added = all.filter((object) => !base.some((one) => idOf(one) === idOf(object)))
  const patchFile = ({ kind }: KubernetesObject) => `${kind.toLowerCase()}-patch.yaml`
  return [
    ...folder(path, watchFor, added, below, {
      patches: patches.map((patch) => ({ path: patchFile(patch) })),
    }),
    ...patches.map((patch) => file(path, patchFile(patch), patch)),
  ]
}

/** A kustomization with its objects, each in a file of its own. */
function folder(
  path: string,
  comment: string,
  objects: readonly KubernetesObject[],
  below: readonly string[] = [],
  more: Readonly<Record<string, unknown>> = {},
): File[] {
  const nameOf = ({ kind }: KubernetesObject) => `${kind.toLowerCase()}.yaml`
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [...below, ...objects.map(nameOf)],
    ...more,
  }
  return [
    { path: `${path}/kustomization.yaml`, comment, content: kustomization },
    ...objects.map((object) => file(path, nameOf(object), object)),
  ]
}

const file = (path: string, name: string, content: unknown): File => ({
  path: `${path}/${name}`,
  comment: 'Made of charts/kuard by npm run kustomize.',
  content,
})

const idOf = ({ kind, metadata }: KubernetesObject): string => `${kind}/${metadata.name}`

/** What kustomize has to merge into an object for it to be another. */
function patchOf(before: KubernetesObject, after: KubernetesObject): KubernetesObject {
  const { apiVersion, kind, metadata } = after
  const { metadata: changed, ...changes } = changesOf(before, after) as Partial<KubernetesObject>
  return { apiVersion, kind, metadata: { ...changed, name: metadata.name }, ...changes }
}

/** By the rules of a strategic merge: lists of what has a name are merged by it, all others are replaced. */
function changesOf(before: unknown, after: unknown): unknown {
  if (isNamedList(before) && isNamedList(after)) {
    return after
      .filter((item) => !before.some((one) => isDeepStrictEqual(one, item)))
      .map((item) => {
        const same = before.find(({ name }) => name === item.name)
        return same ? { name: item.name, ...(changesOf(same, item) as object) } : item
      })
  }
  if (!isRecord(before) || !isRecord(after)) return after
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  const changed = [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]))
  return Object.fromEntries(changed.map((name) => [name, changesOf(before[name], after[name] ?? null)]))
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isNamedList = (value: unknown): value is readonly { readonly name: unknown }[] =>
  Array.isArray(value) && value.every((item) => isRecord(item) && 'name' in item)

if (import.meta.main) {
  rmSync(kustomizeFolder, { recursive: true, force: true })
  for (const [path, text] of await kustomizeFiles()) {
    mkdirSync(dirname(join(kustomizeFolder, path)), { recursive: true })
    writeFileSync(join(kustomizeFolder, path), text)
  }
}
