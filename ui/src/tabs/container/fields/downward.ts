/** The fields that tell a pod about itself. */
import type { DownwardFact } from '../../../../../server/features/container/wire.ts'
import { container, fileOf, folderOf, isAccounts, pod, type Fields } from './pod.ts'

/**
 * A field of the pod as a variable, for each that is told so, and a volume for each folder with files of it; the node's name and address
 * where there is none.
 */
export function downwardFields(facts: readonly DownwardFact[]): string {
  const told = facts.flatMap(({ field, from }) => {
    const [, name] = /^variable (\S+)$/.exec(from) ?? []
    return name === undefined || !/^(?:metadata|spec|status)\./.test(field) ? [] : [{ name, field }]
  })
  const folders = [...foldersOf(facts)].map(([folder, items], index) => ({
    name: index === 0 ? 'podinfo' : `podinfo-${String(index + 1)}`,
    folder,
    items,
  }))
  const usual = [
    { name: 'NODE_NAME', field: 'spec.nodeName' },
    { name: 'HOST_IP', field: 'status.hostIP' },
  ]
  const variables = told.length + folders.length === 0 ? usual : told
  return pod({
    containers: container({
      env: orNone(
        variables.map(({ name, field }) => ({ name, valueFrom: { fieldRef: { fieldPath: field } } })),
      ),
      volumeMounts: orNone(folders.map(({ name, folder }) => ({ name, mountPath: folder }))),
    }),
    volumes: orNone(folders.map(({ name, items }) => ({ name, downwardAPI: { items } }))),
  })
}

/** A volume's items, by the folder that they are in; what lies beside the service account's token is mounted by its own field. */
function foldersOf(facts: readonly DownwardFact[]): ReadonlyMap<string, Fields[]> {
  const folders = new Map<string, Fields[]>()
  for (const { field, from } of facts) {
    const [, path] = /^file (.+)$/.exec(from) ?? []
    if (path === undefined || isAccounts(path) || !field.startsWith('metadata.')) continue
    const item = { path: fileOf(path), fieldRef: { fieldPath: field } }
    folders.set(folderOf(path), [...(folders.get(folderOf(path)) ?? []), item])
  }
  return folders
}

const orNone = (list: readonly Fields[]): readonly Fields[] | undefined =>
  list.length === 0 ? undefined : list
