/** Claims, volumes and classes of storage, reduced. */
import type {
  PersistentVolume as ReportedVolume,
  PersistentVolumeClaim as ReportedClaim,
  PersistentVolumeSpec,
} from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass as ReportedClass } from 'kubernetes-types/storage/v1.d.ts'
import { conditionsOf, defined, metaOf, selectorText, textOf, unlessEmpty } from './object.ts'
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from './wire.ts'

export const claimEntry = ({ metadata, spec = {}, status = {} }: ReportedClaim): PersistentVolumeClaim => ({
  ...metaOf(metadata),
  ...defined({
    phase: status.phase ?? 'Pending',
    volume: spec.volumeName,
    storageClass: spec.storageClassName,
    selector: selectorText(spec.selector),
    volumeMode: spec.volumeMode ?? 'Filesystem',
    requested: textOf(spec.resources?.requests?.storage),
    capacity: textOf(status.capacity?.storage),
    accessModes: spec.accessModes ?? [],
    conditions: conditionsOf(status.conditions),
  }),
})

export const volumeEntry = ({ metadata, spec = {}, status }: ReportedVolume): PersistentVolume => ({
  ...metaOf(metadata),
  ...defined({
    phase: status?.phase ?? 'Pending',
    claim: claimOf(spec),
    storageClass: unlessEmpty(spec.storageClassName),
    capacity: textOf(spec.capacity?.storage),
    accessModes: spec.accessModes ?? [],
    reclaimPolicy: spec.persistentVolumeReclaimPolicy,
    volumeMode: spec.volumeMode ?? 'Filesystem',
    nodes: nodesOf(spec),
    source: sourceOf(spec),
  }),
})

/** What a local volume says of its node: https://kubernetes.io/docs/concepts/storage/volumes/#local */
const nodesOf = ({ nodeAffinity }: PersistentVolumeSpec): string[] | undefined =>
  unlessEmpty(
    nodeAffinity?.required?.nodeSelectorTerms.flatMap(({ matchExpressions = [] }) =>
      matchExpressions.flatMap(({ key, operator, values = [] }) =>
        key === 'kubernetes.io/hostname' && operator === 'In' ? values : [],
      ),
    ),
  )

const claimOf = ({ claimRef: { namespace, name } = {} }: PersistentVolumeSpec) =>
  namespace !== undefined && name !== undefined ? { namespace, name } : undefined

/** The fields of a volume's spec that are no source. */
const otherFields = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'volumeAttributesClassName',
])

/** The one field that says what kind of volume it is. */
const sourceOf = (spec: PersistentVolumeSpec): string | undefined =>
  Object.entries(spec).find(([name, value]) => typeof value === 'object' && !otherFields.has(name))?.[0]

/** https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass */
const defaultAnnotation = 'storageclass.kubernetes.io/is-default-class'

export const storageClassEntry = ({ metadata, ...reported }: ReportedClass): StorageClass => ({
  ...metaOf(metadata),
  provisioner: reported.provisioner,
  isDefault: metadata?.annotations?.[defaultAnnotation] === 'true',
  volumeBindingMode: reported.volumeBindingMode ?? 'Immediate',
  reclaimPolicy: reported.reclaimPolicy ?? 'Delete',
  allowVolumeExpansion: reported.allowVolumeExpansion ?? false,
})
