/** How it stands with a step of a lab, looked at for as long as somebody wants to know. */
import type { Condition, Looking, See, Sight, Verdict } from '../../conditions/condition.ts'
import { Changes, type Topic } from '../../state/topic.ts'
import { Asking } from './asking.ts'
import { NoLab, type Labs } from './labs.ts'
import type { StepState } from './wire.ts'

/** What can be looked for. */
export interface Looked {
  readonly labs: Pick<Labs, 'lab'>
  /** Undefined where objects aren't to be seen. */
  readonly sight: Sight | undefined
}

/** Whoever can't see objects says so. */
const blind: Verdict = {
  holds: null,
  saw: 'Nothing of the cluster can be seen here: the Cluster feature is off (--disable).',
  why: null,
  refused: [],
}

/** How long changes are gathered before it is looked what came of them, in milliseconds. */
const gatherMs = 100

/** A step that is looked at until it is ended. */
class StepLook {
  readonly #name: Pick<StepState, 'lab' | 'step'>
  readonly #conditions: readonly Condition[]
  readonly #changed: () => void
  #seeing: Looking | undefined
  #asking: readonly Asking[] = []
  #timer: NodeJS.Timeout | undefined
  /** The state that was found last, in JSON. */
  #known = ''

  private constructor(
    name: Pick<StepState, 'lab' | 'step'>,
    conditions: readonly Condition[],
    changed: () => void,
  ) {
    this.#name = name
    this.#conditions = conditions
    this.#changed = changed
  }

  /** @param changed is called when its state is another. @throws NoLab */
  static async begin(
    { labs, sight }: Looked,
    lab: string,
    step: number,
    changed: () => void,
  ): Promise<StepLook> {
    const conditions = (await labs.lab(lab)).conditions[step - 1]
    if (!conditions) throw new NoLab(`the lab ${lab} has no step ${step}`)
    const look = new StepLook({ lab, step }, conditions, changed)
    if (sight) await look.#begin(sight)
    return look
  }

  async #begin(sight: Sight): Promise<void> {
    const objects = this.#conditions.filter(isSee)
    if (objects.length > 0) this.#seeing = await sight.look(objects, this.#heard)
    const asks = this.#conditions.filter((condition) => 'get' in condition)
    this.#asking = asks.map((ask) => new Asking(ask, sight, this.#heard))
  }

  get settled(): Promise<unknown> {
    return Promise.all([this.#seeing?.settled, ...this.#asking.map(({ settled }) => settled)])
  }

  get state(): StepState {
    const seen = [...(this.#seeing?.verdicts() ?? [])]
    const answers = this.#asking.map(({ verdict }) => verdict)
    const verdicts = this.#conditions.map(
      (condition) => (isSee(condition) ? seen.shift() : answers.shift()) ?? blind,
    )
    const state = { ...this.#name, state: stateBy(verdicts), verdicts }
    this.#known = JSON.stringify(state)
    return state
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#seeing?.end()
    for (const one of this.#asking) one.end()
  }

  /** A busy namespace changes all the time, and most of it is none of this step's. */
  readonly #heard = (): void => {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      const known = this.#known
      if (JSON.stringify(this.state) !== known) this.#changed()
    }, gatherMs)
  }
}

const isSee = (condition: Condition): condition is See => 'see' in condition

function stateBy(verdicts: readonly Verdict[]): StepState['state'] {
  if (verdicts.some(({ holds }) => holds === false)) return 'open'
  return verdicts.length > 0 && verdicts.every(({ holds }) => holds === true) ? 'done' : 'unseen'
}

/**
 * How it stands now, as soon as everything is listed that has to be.
 * @throws NoLab
 */
export async function stateOfStep(looked: Looked, lab: string, step: number): Promise<StepState> {
  const look = await StepLook.begin(looked, lab, step, () => undefined)
  try {
    await look.settled
    return look.state
  } finally {
    look.end()
  }
}

/** The same as a topic: looked at from the first who subscribes until the last has left. */
export function topicOfStep(looked: Looked, lab: string, step: number): Topic {
  let looking: Promise<StepLook> | undefined
  const changes = new Changes((isWatched) => {
    const before = looking
    looking = isWatched
      ? StepLook.begin(looked, lab, step, () => {
          changes.announce()
        })
      : undefined
    // Why there is none, the state says.
    looking?.catch(() => undefined)
    void before?.then(
      (look) => {
        look.end()
      },
      () => undefined,
    )
  })
  return {
    async snapshot(): Promise<StepState> {
      try {
        if (looking === undefined) return await stateOfStep(looked, lab, step)
        const look = await looking
        await look.settled
        return look.state
      } catch (error) {
        if (!(error instanceof NoLab)) throw error
        const verdict = { holds: null, saw: error.message, why: null, refused: [] }
        return { lab, step, state: 'unseen', verdicts: [verdict] }
      }
    },
    subscribe: changes.subscribe,
  }
}
