/** What the restricted level of Pod Security has against a pod. */
import * as Type from 'typebox'
import * as Value from 'typebox/value'
import type { KubernetesObject } from '../../scripts/chart.ts'

const optional = <Schema extends Type.TSchema>(schema: Schema) => Type.Optional(schema)

const SecurityContext = Type.Object({
  runAsNonRoot: optional(Type.Boolean()),
  runAsUser: optional(Type.Integer()),
  seccompProfile: optional(Type.Object({ type: Type.String() })),
  allowPrivilegeEscalation: optional(Type.Boolean()),
  readOnlyRootFilesystem: optional(Type.Boolean()),
  privileged: optional(Type.Boolean()),
  capabilities: optional(
    Type.Object({ drop: optional(Type.Array(Type.String())), add: optional(Type.Array(Type.String())) }),
  ),
})
const Container = Type.Object({
  name: Type.String(),
  image: Type.String(),
  args: optional(Type.Array(Type.String())),
  securityContext: optional(SecurityContext),
})

/** A pod, as far as it is looked at here. */
export const PodSpec = Type.Object({
  automountServiceAccountToken: optional(Type.Boolean()),
  hostNetwork: optional(Type.Boolean()),
  hostPID: optional(Type.Boolean()),
  hostIPC: optional(Type.Boolean()),
  securityContext: optional(SecurityContext),
  initContainers: optional(Type.Array(Container)),
  containers: Type.Array(Container),
  volumes: optional(Type.Array(Type.Record(Type.String(), Type.Unknown()))),
})
export type PodSpec = Type.Static<typeof PodSpec>

const WithTemplate = Type.Object({ spec: Type.Object({ template: Type.Object({ spec: PodSpec }) }) })
const Pod = Type.Object({ spec: PodSpec })

/** The pods that objects make. */
export const podsOf = (objects: readonly KubernetesObject[]): PodSpec[] =>
  objects.flatMap((object) => {
    if (Value.Check(WithTemplate, object)) return [object.spec.template.spec]
    return Value.Check(Pod, object) ? [object.spec] : []
  })

/** Of which no volume keeps a pod from the restricted level. */
const volumeKinds = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
])

/**
 * Beside that, a root file system that could be written.
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function securityFaults(pod: PodSpec): string[] {
  const ofPod = [
    pod.hostNetwork || pod.hostPID || pod.hostIPC ? 'is in a namespace of the host' : '',
    (pod.volumes ?? []).every((volume) =>
      Object.keys(volume).every((key) => key === 'name' || volumeKinds.has(key)),
    )
      ? ''
      : 'has a volume of another kind',
  ]
  const ofContainers = [...(pod.initContainers ?? []), ...pod.containers].flatMap(
    ({ name, securityContext: own = {} }) => {
      const { runAsNonRoot, runAsUser, seccompProfile } = { ...pod.securityContext, ...own }
      return [
        runAsNonRoot === true && runAsUser !== 0 ? '' : 'may be root',
        seccompProfile?.type === 'RuntimeDefault' ? '' : 'has no seccomp profile',
        own.allowPrivilegeEscalation === false && own.privileged !== true ? '' : 'may gain privileges',
        own.capabilities?.drop?.includes('ALL') && !own.capabilities.add ? '' : 'has capabilities',
        own.readOnlyRootFilesystem === true ? '' : 'may write its root',
      ].map((fault) => fault && `${name} ${fault}`)
    },
  )
  return [...ofPod, ...ofContainers].filter(Boolean)
}
