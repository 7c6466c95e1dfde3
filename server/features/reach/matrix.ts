/** Targets that are tried each second, for as long as somebody looks. */
import { Changes } from '../../state/topic.ts'
import type { Patience } from './run.ts'
import { BadTarget, parseTarget, type Target } from './target.ts'
import type { ReachLamp, ReachMatrix, ReachReport } from './wire.ts'

/** So many results of each are kept. */
const maxHistory = 120

const everyMs = 1000

/** One try has so long, in milliseconds: what takes longer is no second's news any more. */
const tryMs = 3000

/** Tries one target once. */
type Run = (target: Target, patience: Patience) => Promise<ReachReport>

export class Matrix {
  /** Told the target whose lamp has changed; without one, which targets there are. */
  readonly changes = new Changes()
  readonly #run: Run
  #lamps: readonly Lamp[] = []
  #lookers = 0
  #looking: AbortController | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(run: Run) {
    this.#run = run
  }

  /**
   * Takes other targets, which are told in the order of their letters; of those that were there already the history stays, and what
   * is under way to those that go is given up.
   * @throws BadTarget for the first that can't be read; then nothing changes
   */
  replace(texts: readonly string[]): void {
    const known = new Map(this.#lamps.map((lamp) => [lamp.target.text, lamp]))
    const lamps = texts.toSorted().map((text) => known.get(text) ?? new Lamp(targetOf(text)))
    for (const lamp of this.#lamps) if (!lamps.includes(lamp)) lamp.gone.abort()
    this.#lamps = lamps
    this.changes.announce()
    if (this.#looking) this.#tryAll(this.#looking.signal)
  }

  snapshot(): ReachMatrix {
    return { targets: this.#lamps.map((lamp) => lamp.told()) }
  }

  /** One lamp as it is now; undefined if its target has gone. */
  read(target: string): ReachLamp | undefined {
    return this.#lamps.find((lamp) => lamp.target.text === target)?.told()
  }

  /** Tries all targets each second. @returns what ends that, when nobody else looks */
  look(): () => void {
    this.#lookers += 1
    if (this.#lookers === 1) this.#begin()
    return () => {
      this.#lookers -= 1
      if (this.#lookers === 0) this.end()
    }
  }

  /** Tries nothing any more. */
  end(): void {
    clearInterval(this.#timer)
    this.#looking?.abort()
    this.#looking = undefined
  }

  #begin(): void {
    const { signal } = (this.#looking = new AbortController())
    this.#timer = setInterval(() => {
      this.#tryAll(signal)
    }, everyMs)
    this.#tryAll(signal)
  }

  #tryAll(signal: AbortSignal): void {
    for (const lamp of this.#lamps) void this.#try(lamp, signal)
  }

  async #try(lamp: Lamp, lookers: AbortSignal): Promise<void> {
    // One that takes longer than a second is not tried again meanwhile.
    if (lamp.isTried) return
    lamp.isTried = true
    const client = AbortSignal.any([lookers, lamp.gone.signal])
    try {
      const report = await this.#run(lamp.target, { timeoutMs: tryMs, client })
      if (client.aborted) return
      lamp.add(report)
      this.changes.announce(lamp.target.text)
    } finally {
      lamp.isTried = false
    }
  }
}

/** What came of one target lately. */
class Lamp {
  readonly target: Target
  /** Aborts when the target is none any more. */
  readonly gone = new AbortController()
  isTried = false
  #latest: ReachLamp['latest'] = null
  #since: string | null = null
  readonly #history: ReachLamp['history'] = []

  constructor(target: Target) {
    this.target = target
  }

  add({ time, reached, end, words, milliseconds }: ReachReport): void {
    if (this.#latest?.end !== end) this.#since = time
    this.#latest = { reached, end, words, milliseconds, time }
    this.#history.push({ time, end, milliseconds })
    if (this.#history.length > maxHistory) this.#history.shift()
  }

  told(): ReachLamp {
    return { target: this.target.text, latest: this.#latest, since: this.#since, history: [...this.#history] }
  }
}

function targetOf(text: string): Target {
  try {
    return parseTarget(text)
  } catch (error) {
    throw new BadTarget(`${text}: ${(error as Error).message}`)
  }
}
