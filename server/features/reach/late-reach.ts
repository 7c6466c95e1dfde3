/** Reach and its matrix, loaded when the first asks for them: most pods are never asked. */
import { Changes, type Topic } from '../../state/topic.ts'
import type { Reach, ReachSettings } from './reach.ts'

export class LateReach {
  readonly #settings: ReachSettings
  readonly #changes = new Changes()
  #loading: Promise<Reach> | undefined
  #loaded: Reach | undefined

  constructor(settings: ReachSettings) {
    this.#settings = settings
  }

  /** The targets that are tried each second while somebody subscribes, and what came of each. */
  get matrix(): Topic {
    return {
      snapshot: async () => (await this.load()).matrix.snapshot(),
      subscribe: this.#subscribe,
      entries: {
        field: 'targets',
        key: 'target',
        read: (target) => this.#loaded?.matrix.read(target),
      },
    }
  }

  readonly load = (): Promise<Reach> => (this.#loading ??= this.#begin())

  end(): void {
    this.#loaded?.end()
  }

  readonly #subscribe: Topic['subscribe'] = (listener) => {
    const unsubscribe = this.#changes.subscribe(listener)
    let leave: (() => void) | undefined
    let hasLeft = false
    // Why it can't be loaded, the snapshot says.
    void this.load().then(
      ({ matrix }) => {
        if (!hasLeft) leave = matrix.look()
      },
      () => undefined,
    )
    return () => {
      hasLeft = true
      unsubscribe()
      leave?.()
    }
  }

  async #begin(): Promise<Reach> {
    const { Reach } = await import('./reach.ts')
    this.#loaded = new Reach(this.#settings)
    this.#loaded.matrix.changes.subscribe((target) => {
      this.#changes.announce(target)
    })
    return this.#loaded
  }
}
