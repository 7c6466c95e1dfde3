/** A rollout as an API server tells it: blue pods give way to green ones, for a picture of it. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pod } from 'kubernetes-types/core/v1.d.ts'
import { deployment, node, pod, replicaSet, type PodState } from '../test/support/api-objects.ts'
import type { TestApiServer } from '../test/support/api-server.ts'

type Colour = 'blue' | 'green'
const wanted = 6
const nodes = ['worker-1', 'worker-2', 'worker-3']
const hashes: Readonly<Record<Colour, string>> = { blue: '6c5f7d9b8', green: '7d4b8c6f5' }

/** A Deployment, its two ReplicaSets and their pods. */
export class StagedRollout {
  readonly #api: TestApiServer
  readonly #web = deployment({ name: 'web', replicas: wanted, ageSeconds: 900 })
  readonly #pods: Record<Colour, Pod[]> = { blue: [], green: [] }
  readonly #sets = {
    blue: replicaSet({ name: `web-${hashes.blue}`, owner: this.#web }),
    green: replicaSet({ name: `web-${hashes.green}`, owner: this.#web }),
  }

  constructor(api: TestApiServer) {
    this.#api = api
    for (const name of nodes) api.put('nodes', node({ name }))
    for (let count = 0; count < wanted; count += 1) this.#put('blue', 'Running')
    this.#tell(1)
  }

  /** Some pods come, and as many others go once those are ready, up to the middle of it. Takes some 25 seconds. */
  async run(): Promise<void> {
    await sleep(8_000)
    for (let round = 0; round < 2; round += 1) {
      const coming = [this.#put('green', 'ContainerCreating'), this.#put('green', 'ContainerCreating')]
      this.#tell(2)
      await sleep(4_000)
      for (const one of coming) this.#put('green', 'Running', one)
      const going = this.#pods.blue.slice(0, 2)
      for (const one of going) this.#put('blue', 'Terminating', one)
      this.#tell(2)
      await sleep(3_000)
      for (const one of going) this.#remove(one)
      this.#tell(2)
    }
    for (let count = 0; count < 2; count += 1) this.#put('green', 'ContainerCreating')
    this.#tell(2)
    await sleep(2_000)
  }

  /** @param before of the pod that is to be in this state; a new one, if it is left out */
  #put(colour: Colour, state: PodState, before?: Pod): Pod {
    const name = before?.metadata?.name ?? `web-${hashes[colour]}-${randomBytes(3).toString('hex').slice(1)}`
    const made = pod({
      name,
      state,
      owner: this.#sets[colour],
      labels: { app: 'web', 'pod-template-hash': hashes[colour] },
      image: `kuard:${colour}`,
      node: before?.spec?.nodeName ?? nodes[this.#pods[colour].length % nodes.length] ?? '',
    })
    const now = { ...made, metadata: { ...made.metadata, ...before?.metadata, ...deletionOf(made) } }
    this.#pods[colour] = [...this.#pods[colour].filter((one) => one !== before), now]
    this.#api.put('pods', now)
    return now
  }

  #remove(gone: Pod): void {
    const { name } = gone.metadata ?? {}
    this.#pods.blue = this.#pods.blue.filter((one) => one.metadata?.name !== name)
    this.#api.remove('pods', name ?? '')
  }

  /** What the controllers would say of it. @param revision the Deployment's */
  #tell(revision: 1 | 2): void {
    const [blue, green] = [this.#counts('blue'), this.#counts('green')]
    const traits = (colour: Colour, of: number) => ({
      name: this.#sets[colour].metadata?.name ?? '',
      labels: { app: 'web', 'pod-template-hash': hashes[colour] },
      owner: this.#web,
      image: `kuard:${colour}`,
      revision: of,
      annotations: { 'kubernetes.io/change-cause': `kuard ${colour}` },
    })
    for (const [colour, { current, ready }, of] of [
      ['blue', blue, 1],
      ['green', green, 2],
    ] as const) {
      const { metadata, ...set } = replicaSet({ ...traits(colour, of), replicas: current, ready })
      this.#api.put('replicasets', { ...set, metadata: { ...metadata, ...identityOf(this.#sets[colour]) } })
    }
    const ready = blue.ready + green.ready
    const { metadata, ...web } = deployment(
      {
        name: 'web',
        replicas: wanted,
        current: blue.current + green.current,
        ready,
        image: revision === 1 ? 'kuard:blue' : 'kuard:green',
        revision,
        annotations: { 'kubernetes.io/change-cause': revision === 1 ? 'kuard blue' : 'kuard green' },
      },
      {},
    )
    const status = {
      ...web.status,
      updatedReplicas: revision === 1 ? wanted : green.current,
      unavailableReplicas: Math.max(0, blue.current + green.current - ready),
      conditions: [
        { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable' },
        {
          type: 'Progressing',
          status: 'True',
          reason: revision === 1 ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated',
        },
      ],
    }
    this.#api.put('deployments', { ...web, metadata: { ...metadata, ...identityOf(this.#web) }, status })
  }

  #counts(colour: Colour): { current: number; ready: number } {
    const there = this.#pods[colour].filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    const isReady = ({ status }: Pod) => status?.containerStatuses?.[0]?.ready === true
    return { current: there.length, ready: there.filter(isReady).length }
  }
}

const deletionOf = ({ metadata }: Pod) =>
  metadata?.deletionTimestamp === undefined ? {} : { deletionTimestamp: metadata.deletionTimestamp }

/** Each maker gives an object another uid, and this is one and the same. */
const identityOf = ({ metadata }: { metadata?: { uid?: string; creationTimestamp?: string } }) => ({
  ...(metadata?.uid === undefined ? {} : { uid: metadata.uid }),
  ...(metadata?.creationTimestamp === undefined ? {} : { creationTimestamp: metadata.creationTimestamp }),
})
