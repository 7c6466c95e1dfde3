/** Files that are held open, as by a program that forgets to close them. */
import { closeSync, openSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { countOf } from '../../../text/count.ts'
import type { FaultAction, FaultListener, MakeFault } from '../action.ts'
import type { FaultOrder } from '../wire.ts'
import { descriptorsLeft, noMoreDescriptors } from './descriptors.ts'

/** What is opened or closed in one turn of the event loop: well below a millisecond of it. */
const batch = 100

/** Holds descriptors of /dev/null, as many as it is told or may. */
export const makeOpenFiles: MakeFault<'open-files'> = ({ count, seconds = 0 }, listener) =>
  new OpenFiles({ count, seconds }, listener)

class OpenFiles implements FaultAction {
  readonly words: string
  readonly order: Required<FaultOrder<'open-files'>>
  readonly seconds: number
  problem: string | undefined
  readonly #changed: () => void
  readonly #descriptors: number[] = []
  #opening: Promise<void> | undefined
  #hasEnded = false

  constructor(order: Required<FaultOrder<'open-files'>>, { changed }: FaultListener) {
    this.order = order
    this.seconds = order.seconds
    this.words = `holds ${countOf(order.count, 'file')} open`
    this.#changed = changed
  }

  get progress(): string {
    return `${this.#descriptors.length} open`
  }

  begin(): void {
    this.#opening = this.#open()
  }

  async end(): Promise<void> {
    this.#hasEnded = true
    await this.#opening
    while (this.#descriptors.length > 0) {
      this.#close(batch)
      await nextTurn()
    }
  }

  async #open(): Promise<void> {
    try {
      while (this.#descriptors.length < this.order.count && !this.#hasEnded) {
        this.#openBatch()
        this.#changed()
        await nextTurn()
      }
    } catch (error) {
      this.problem = noMoreDescriptors(error as NodeJS.ErrnoException)
      this.#close(descriptorsLeft)
      this.#changed()
    }
  }

  #openBatch(): void {
    const end = Math.min(this.#descriptors.length + batch, this.order.count)
    while (this.#descriptors.length < end) this.#descriptors.push(openSync('/dev/null', 'r'))
  }

  #close(count: number): void {
    for (const descriptor of this.#descriptors.splice(-count)) closeSync(descriptor)
  }
}
