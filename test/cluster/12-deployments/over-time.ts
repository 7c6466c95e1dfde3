/** What became of a Deployment's pods and ReplicaSets, event by event, so that a moment between two looks can't be missed. */
import type { Namespace, RunningKubectl } from '../../support/cluster.ts'

interface Pod {
  /** as `blue` */
  readonly colour: string
  readonly running: boolean
  readonly ready: boolean
  /** whether it has been told to end */
  readonly ending: boolean
}

/** Every pod that was there at one moment. */
export type Moment = readonly Pod[]

/** @returns how many of them serve, and have not been told to end */
export const serving = (pods: Moment): number => pods.filter(({ ready, ending }) => ready && !ending).length

const fields = [
  'type',
  'object.metadata.name',
  'object.spec.containers[0].image',
  'object.status.phase',
  'object.status.conditions[?(@.type=="Ready")].status',
  'object.metadata.deletionTimestamp',
]

/** Watches from now on the pods with the label app=kuard. */
export class PodsOverTime {
  readonly #watch: RunningKubectl

  constructor(namespace: Namespace) {
    this.#watch = namespace.start(
      'get',
      'pods',
      '--selector=app=kuard',
      '--watch',
      '--output-watch-events',
      `--output=jsonpath=${fields.map((field) => `{.${field}}`).join(',')}{"\\n"}`,
    )
  }

  /** Resolves once the pods that are there already have been seen. */
  async started(pods: number): Promise<this> {
    await this.#watch.printed(new RegExp(`(ADDED.*\\n){${pods}}`))
    return this
  }

  /** The pods after each event, oldest first; the first moments until all were listed are left out. */
  moments(from: number): Moment[] {
    const pods = new Map<string, Pod>()
    const moments = this.#watch.lines.map((line) => {
      const [type, name = '', image = '', phase, ready, deleted = ''] = line.split(',')
      const colour = image.replace('kuard:', '')
      if (type === 'DELETED') pods.delete(name)
      else
        pods.set(name, {
          colour,
          running: phase === 'Running',
          ready: ready === 'True',
          ending: deleted !== '',
        })
      return [...pods.values()]
    })
    return moments.slice(from - 1)
  }
}

/** Watches from now on the sizes of the ReplicaSets. */
export class SizesOverTime {
  readonly #watch: RunningKubectl

  constructor(namespace: Namespace) {
    const path = '{.metadata.name},{.spec.replicas}{"\\n"}'
    this.#watch = namespace.start('get', 'replicasets', '--watch', `--output=jsonpath=${path}`)
  }

  /** How many pods they were told to have between them, after each event. The pods themselves come and go a little later. */
  totals(): number[] {
    const sizes = new Map<string, number>()
    return this.#watch.lines.map((line) => {
      const [name = '', size] = line.split(',')
      sizes.set(name, Number(size))
      return sizes.values().reduce((sum, one) => sum + one, 0)
    })
  }
}
