/** Sees in the cluster's watches whether objects are as conditions say, and where one can be asked. */
import { createHash } from 'node:crypto'
import type { Address, Ask, Looking, See, Sight, Verdict } from '../../../conditions/condition.ts'
import { NoServiceAccount, readCredentials } from '../../../kubernetes/service-account.ts'
import type { Cluster } from '../cluster.ts'
import type { LateCluster } from '../late-cluster.ts'
import type { Resource } from '../wire.ts'
import { addressIn, lookedAtFor } from './address.ts'
import { isKind, kinds, resourcesOf } from './scene.ts'
import { Scenery } from './scenery.ts'
import { unseen, verdictOf } from './verdict.ts'
import { cluesOf } from './why.ts'

/** For all that is looked at to be listed, in milliseconds. */
const patienceMs = 4_000

export class ClusterSight implements Sight {
  readonly resources = kinds
  readonly #cluster: LateCluster

  constructor(cluster: LateCluster) {
    this.#cluster = cluster
  }

  /** A cluster is told by the authority that signs its API server's certificate. */
  async place(): Promise<{ readonly cluster: string; readonly namespace: string } | null> {
    const cluster = await this.#cluster.load()
    if (!cluster) return null
    try {
      const { authority } = await readCredentials()
      const digest = createHash('sha256').update(authority.trim()).digest('hex')
      return { cluster: digest.slice(0, 12), namespace: cluster.namespace }
    } catch (error) {
      if (error instanceof NoServiceAccount) return null
      throw error
    }
  }

  async look(conditions: readonly See[], changed: () => void): Promise<Looking> {
    const cluster = await this.#cluster.load()
    if (!cluster) return nowhere(conditions, this.#cluster.absence)
    const own = conditions.flatMap(resourcesOf)
    const clues = conditions.flatMap(({ see }) => (isKind(see) ? cluesOf(see) : []))
    const watch = this.#watch(cluster, [...own, ...clues], changed)
    const scenery = new Scenery(cluster)
    return {
      verdicts: () => conditions.map((see) => verdictIn(cluster, scenery, see)),
      settled: watch.settled,
      end: watch.end,
    }
  }

  async addressOf(ask: Pick<Ask, 'of' | 'port' | 'tls'>): Promise<Address | Verdict> {
    const cluster = await this.#cluster.load()
    if (!cluster) return unseen(`Nothing can be asked from here: ${this.#cluster.absence}.`)
    const { own, clues } = lookedAtFor(ask)
    const watch = this.#watch(cluster, [...own, ...clues], () => undefined)
    try {
      await watch.settled
      const [refused] = own.flatMap((resource) => hindranceTo(cluster, resource) ?? [])
      return refused ?? addressIn(new Scenery(cluster), ask)
    } finally {
      watch.end()
    }
  }

  /** Has resources watched until it is ended. */
  #watch(cluster: Cluster, wanted: readonly Resource[], changed: () => void) {
    const resources = [...new Set(wanted)]
    const { promise: settled, resolve } = Promise.withResolvers<undefined>()
    const isSettled = (resource: Resource) =>
      cluster.listing(resource).listed || ['refused', 'away'].includes(cluster.standing(resource).state)
    const settle = () => {
      if (resources.every(isSettled)) resolve(undefined)
    }
    const heard = () => {
      settle()
      changed()
    }
    const ends = resources.flatMap((resource) => [
      this.#cluster.heed(resource, heard),
      cluster.look(resource),
    ])
    const timer = setTimeout(resolve, patienceMs, undefined).unref()
    settle()
    const end = () => {
      clearTimeout(timer)
      resolve(undefined)
      for (const leave of ends.splice(0)) leave()
    }
    return { settled, end }
  }
}

/** What looks where there is nothing to see. @param absence why */
const nowhere = (conditions: readonly See[], absence: string): Looking => ({
  verdicts: () => conditions.map(() => unseen(`Nothing can be seen from here: ${absence}.`)),
  settled: Promise.resolve(),
  end: () => undefined,
})

function verdictIn(cluster: Cluster, scenery: Scenery, see: See): Verdict {
  const [hindrance] = resourcesOf(see).flatMap((resource) => hindranceTo(cluster, resource) ?? [])
  return hindrance ?? verdictOf(see, scenery)
}

/** What keeps a resource from being seen; undefined where nothing does, or what came before can be. */
function hindranceTo(cluster: Cluster, resource: Resource): Verdict | undefined {
  const { state, message = '' } = cluster.standing(resource)
  if (state === 'refused') return unseen(`This pod may not see ${resource}: ${message}`, [resource])
  if (state === 'away' && !cluster.listing(resource).listed)
    return unseen(`The ${resource} can’t be seen: ${message}`)
  return undefined
}
