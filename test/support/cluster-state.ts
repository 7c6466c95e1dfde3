/** What of a cluster is there for everyone: tests have to leave it as they found it. */
import * as Type from 'typebox'
import * as Value from 'typebox/value'
import { kubectl, namespaceLabel } from './cluster.ts'
import { eventually } from './eventually.ts'

const kinds = [
  'nodes',
  'namespaces',
  'storageclasses',
  'persistentvolumes',
  'customresourcedefinitions',
  'clusterroles',
  'clusterrolebindings',
  'ingressclasses',
  'priorityclasses',
  'apiservices',
  // Those of every namespace: the tests' own are gone by then.
  'deployments',
  'daemonsets',
  'services',
]

const labels = Type.Record(Type.String(), Type.String())
const Listed = Type.Object({
  items: Type.Array(
    Type.Object({
      kind: Type.String(),
      metadata: Type.Object({
        name: Type.String(),
        namespace: Type.Optional(Type.String()),
        labels: Type.Optional(labels),
        annotations: Type.Optional(labels),
      }),
      spec: Type.Optional(
        Type.Object({ taints: Type.Optional(Type.Unknown()), unschedulable: Type.Optional(Type.Boolean()) }),
      ),
    }),
  ),
})

/** A line for each object, with what a chapter might have changed of it; sorted. */
export async function clusterState(): Promise<string[]> {
  const listed: unknown = JSON.parse(
    await kubectl(['get', kinds.join(','), '--all-namespaces', '--output=json']),
  )
  return Value.Parse(Listed, listed)
    .items.filter(({ metadata }) => metadata.labels?.[namespaceLabel] === undefined)
    .map(({ kind, metadata, spec }) => {
      const isDefault = metadata.annotations?.['storageclass.kubernetes.io/is-default-class']
      const node = kind === 'Node' ? { labels: metadata.labels, ...spec } : {}
      return `${kind} ${metadata.namespace ?? ''} ${metadata.name} ${JSON.stringify({ ...node, isDefault })}`
    })
    .sort()
}

/** What is there and was not, and what was and is not; volumes may take a while to go. @param before as of `clusterState` */
export async function differenceOnceSettled(before: readonly string[]): Promise<string[]> {
  let difference: string[] = []
  const settled = eventually(
    'the cluster to be as it was',
    async () => {
      const now = await clusterState()
      difference = [
        ...now.filter((line) => !before.includes(line)).map((line) => `now: ${line}`),
        ...before.filter((line) => !now.includes(line)).map((line) => `was: ${line}`),
      ]
      return difference.length === 0
    },
    120_000,
    2000,
  )
  await settled.catch(() => undefined)
  return difference
}
