/** Who counts an object among its own. */
import type { OwnerReference } from '../../../../server/features/cluster/wire.ts'

/** The one owner that keeps as many as it wants of what it owns; undefined for an object on its own. */
export const controllerOf = ({
  ownerReferences = [],
}: {
  readonly ownerReferences?: readonly OwnerReference[]
}): OwnerReference | undefined => ownerReferences.find(({ controller }) => controller)
