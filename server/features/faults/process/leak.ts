/** Memory that leaks: taken bit by bit, and never used. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Ballast, OutOfMemory } from '../../../host/ballast.ts'
import { isMemoryLimited, spareMemory } from '../../../host/memory.ts'
import type { FaultAction, FaultListener, MakeFault } from '../action.ts'
import type { FaultOrder } from '../wire.ts'

/** How often it grows, in milliseconds. */
const intervalMs = 100

const mebibyte = 2 ** 20

/** What is asked for at once, in bytes: a piece that is refused is given back as a whole. */
const pieceBytes = 16 * mebibyte

/** Takes memory at a rate: in a control group with a limit until the kernel ends the process, else for as long as the machine has some to spare. */
export const makeLeak: MakeFault<'leak'> = ({ mibPerSecond, seconds = 0 }, listener) =>
  new Leak({ mibPerSecond, seconds }, listener)

class Leak implements FaultAction {
  readonly words: string
  readonly order: FaultOrder<'leak'>
  readonly seconds: number
  problem: string | undefined
  readonly #bytesPerMs: number
  readonly #changed: () => void
  readonly #ballast = new Ballast({ isLimited: isMemoryLimited, spare: spareMemory })
  readonly #ended = new AbortController()
  #growth: Promise<void> | undefined

  constructor(order: Required<FaultOrder<'leak'>>, { changed }: FaultListener) {
    this.order = order
    this.seconds = order.seconds
    this.words = `leaks ${order.mibPerSecond} MiB of memory a second`
    this.#bytesPerMs = (order.mibPerSecond * mebibyte) / 1000
    this.#changed = changed
  }

  get progress(): string {
    return `${Math.floor(this.#ballast.allocated / mebibyte)} MiB taken`
  }

  begin(): void {
    this.#growth = this.#grow()
  }

  async end(): Promise<void> {
    this.#ended.abort()
    await this.#ballast.clear()
    await this.#growth
  }

  async #grow(): Promise<void> {
    const began = performance.now()
    const { signal } = this.#ended
    try {
      for (;;) {
        const due = Math.floor((performance.now() - began) * this.#bytesPerMs)
        const missing = due - this.#ballast.allocated
        if (missing > 0) await this.#ballast.allocate(Math.min(missing, pieceBytes))
        signal.throwIfAborted()
        this.#changed()
        if (missing <= pieceBytes) await sleep(intervalMs, undefined, { signal })
      }
    } catch (error) {
      if (signal.aborted) return
      this.problem = `it grows no more: ${error instanceof OutOfMemory ? error.message : String(error)}`
      this.#changed()
    }
  }
}
