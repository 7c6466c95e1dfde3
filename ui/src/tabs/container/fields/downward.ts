/** The fields that tell a pod about itself. */
import type { DownwardFact } from '../../../../../server/features/container/wire.ts'
import { container, fileOf, folderOf, pod } from './pod.ts'

/** A field of the pod as a variable, for each that is told so; the node's name and address where none is. */
export function downwardFields(facts: readonly DownwardFact[]): string {
  const told = facts.flatMap(({ field, from }) => {
    const [, name] = /^variable (\S+)$/.exec(from) ?? []
    return name === undefined || !/^(?:metadata|spec|status)\./.test(field) ? [] : [{ name, field }]
  })
  const files = facts.flatMap(({ field, from }) => {
    const [, path] = /^file (.+)$/.exec(from) ?? []
    return path === undefined || !field.startsWith('metadata.') ? [] : [{ path, field }]
  })
  const isNone = told.length === 0 && files.length === 0
  const variables = isNone
    ? [
        { name: 'NODE_NAME', field: 'spec.nodeName' },
        { name: 'HOST_IP', field: 'status.hostIP' },
      ]
    : told
  return pod({
    containers: container({
      env:
        variables.length === 0
          ? undefined
          : variables.map(({ name, field }) => ({ name, valueFrom: { fieldRef: { fieldPath: field } } })),
      ...(files.length > 0
        ? { volumeMounts: [{ name: 'podinfo', mountPath: folderOf(files[0]?.path ?? '') }] }
        : {}),
    }),
    volumes:
      files.length === 0
        ? undefined
        : [
            {
              name: 'podinfo',
              downwardAPI: {
                items: files.map(({ path, field }) => ({
                  path: fileOf(path),
                  fieldRef: { fieldPath: field },
                })),
              },
            },
          ],
  })
}
