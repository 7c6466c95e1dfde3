/** What each kind of owner counts of its pods. */
import type { Deployment } from '../../../../../server/features/cluster/wire.ts'
import type { Count } from '../count.ts'
import type { Owner } from './tree.ts'

/** Desired, current and ready first, where the kind has them. */
export function countsOf(owner: Owner): Count[] {
  switch (owner.kind) {
    case 'Deployment':
      return rolled(owner.object, owner.object.desired)
    case 'StatefulSet':
      return rolled(owner.object, owner.object.desired - owner.object.partition)
    case 'ReplicaSet': {
      const { desired, current, ready, available } = owner.object
      return [...scaled(desired, current, ready), below('available', available, desired)]
    }
    case 'DaemonSet': {
      const { desired, current, ready, updated, misscheduled } = owner.object
      const strays = misscheduled > 0 ? [{ word: 'misscheduled', count: misscheduled }] : []
      return [...scaled(desired, current, ready), below('updated', updated, desired), ...strays]
    }
    case 'Job': {
      const { completions, active, ready, succeeded, failed } = owner.object
      const wanted = completions === undefined ? [] : [{ word: 'desired', count: completions }]
      return [
        ...wanted,
        { word: 'active', count: active },
        { word: 'ready', count: ready },
        { word: 'succeeded', count: succeeded },
        { word: 'failed', count: failed },
      ]
    }
    case 'CronJob':
      return [{ word: 'active', count: owner.object.active.length }]
  }
}

/** @param renewed how many are to be of the newest revision */
const rolled = (
  {
    desired,
    current,
    ready,
    updated,
    available,
  }: Pick<Deployment, 'desired' | 'current' | 'ready' | 'updated' | 'available'>,
  renewed: number,
): Count[] => [
  ...scaled(desired, current, ready),
  below('updated', updated, renewed),
  below('available', available, desired),
]

const below = (word: string, count: number, desired: number): Count => ({
  word,
  count,
  isShort: count < desired,
})

const scaled = (desired: number, current: number, ready: number): Count[] => [
  { word: 'desired', count: desired },
  below('current', current, desired),
  below('ready', ready, desired),
]
