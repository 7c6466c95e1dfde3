/** Labs and how it stands with their steps, loaded when the first asks: most pods are never asked. */
import type { Sight } from '../../conditions/condition.ts'
import type { Topic } from '../../state/topic.ts'
import type { Labs, LabSources } from './labs.ts'
import type { Looked } from './progress.ts'
import type { Lab, LabList, StepState } from './wire.ts'

/** Where labs come from, and who sees what learners do. */
export interface LabSurroundings extends Omit<LabSources, 'resources'> {
  /** Undefined where nobody may look at objects. */
  readonly sight: Sight | undefined
}

interface Loaded {
  readonly labs: Labs
  readonly looked: Looked
  readonly progress: typeof import('./progress.ts')
}

export class LateLabs {
  readonly #surroundings: LabSurroundings
  #loading: Promise<Loaded> | undefined

  constructor(surroundings: LabSurroundings) {
    this.#surroundings = surroundings
  }

  async list(): Promise<LabList> {
    const { labs, looked } = await this.#load()
    const [place, list] = await Promise.all([looked.sight?.place() ?? null, labs.list()])
    return { place, ...list }
  }

  /** @throws NoLab */
  async lab(id: string): Promise<Lab> {
    const { labs } = await this.#load()
    return { id, ...(await labs.lab(id)).told }
  }

  /** @throws NoLab */
  async state(id: string, step: number): Promise<StepState> {
    const { progress, looked } = await this.#load()
    return progress.stateOfStep(looked, id, step)
  }

  /** How it stands with a step while somebody subscribes; what there isn't, its state says. */
  topic(id: string, step: number): Topic {
    let loading: Promise<Topic> | undefined
    const load = () =>
      (loading ??= this.#load().then(({ progress, looked }) => progress.topicOfStep(looked, id, step)))
    return {
      snapshot: async () => (await load()).snapshot(),
      subscribe(listener) {
        let leave: (() => void) | undefined
        let hasLeft = false
        // Why it can't be loaded, the snapshot says.
        void load().then(
          (topic) => {
            if (!hasLeft) leave = topic.subscribe(listener)
          },
          () => undefined,
        )
        return () => {
          hasLeft = true
          leave?.()
        }
      },
    }
  }

  /** Says in the log what is wrong with a teacher's labs. */
  async check(): Promise<void> {
    await (await this.#load()).labs.list()
  }

  #load(): Promise<Loaded> {
    return (this.#loading ??= this.#begin())
  }

  async #begin(): Promise<Loaded> {
    const { sight, ...sources } = this.#surroundings
    const [{ Labs }, progress] = await Promise.all([import('./labs.ts'), import('./progress.ts')])
    const labs = new Labs({ ...sources, resources: sight?.resources })
    return { labs, progress, looked: { labs, sight } }
  }
}
