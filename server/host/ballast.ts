/** Memory that is taken on request, so that the effect of limits can be seen. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Changes } from '../state/topic.ts'

/** Large enough that the C library maps each chunk by itself, and unmaps it when it is freed. */
const chunkBytes = 64 * 2 ** 20
/** What is touched in one turn of the event loop: about a millisecond of it. A probe on a new connection takes some turns. */
const sliceBytes = 2 ** 20

/** An allocation for which the machine has not enough memory. */
export class OutOfMemory extends Error {
  override name = 'OutOfMemory'
}

/** An allocation that was cleared before it was complete. */
export class Cleared extends Error {
  override name = 'Cleared'
}

/** What the memory is taken from. */
export interface MemorySource {
  /** Whether any size may be asked for, since a limit watches over it. */
  isLimited(): Promise<boolean>
  /** What there is for the taking otherwise, in bytes. */
  spare(): number
}

/** The memory taken so far. One allocation or clearance is worked on at a time, in the order they were asked for. */
export class Ballast {
  /** The parts of all ballasts' last chunks that wait for the next allocation, in bytes. */
  static get unused(): number {
    return Ballast.#unusedOfAll
  }

  static #unusedOfAll = 0
  /** Announced as it grows, and when it is given back. */
  readonly changes = new Changes()
  readonly #source: MemorySource
  readonly #chunks: ArrayBuffer[] = []
  #allocated = 0
  #clearance = new AbortController()
  #lastTurn: Promise<void> = Promise.resolve()

  constructor(source: MemorySource) {
    this.#source = source
  }

  /** What was asked for and is held, in bytes; all of it touched. */
  get allocated(): number {
    return this.#allocated
  }

  get #unused(): number {
    return this.#chunks.length * chunkBytes - this.#allocated
  }

  /**
   * Takes memory and touches it, so that it is resident. Gives it back if that fails.
   * @param bytes 0 or more
   * @throws OutOfMemory when there is no limit and the machine has less than that to spare, or when the system gives no more
   * @throws Cleared when `clear` is called before it is complete
   */
  allocate(bytes: number): Promise<void> {
    const { signal } = this.#clearance
    return this.#inTurn(() => this.#grow(bytes, signal))
  }

  /** Gives everything back to the operating system; allocations that aren't complete yet are ended. */
  clear(): Promise<void> {
    this.#clearance.abort()
    this.#clearance = new AbortController()
    return this.#inTurn(() => this.#shrink(0))
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#lastTurn.then(work)
    this.#lastTurn = turn.catch(() => undefined)
    return turn
  }

  async #grow(bytes: number, cleared: AbortSignal): Promise<void> {
    const before = this.#allocated
    const end = before + bytes
    const limited = await this.#source.isLimited()
    try {
      while (this.#allocated < end) {
        if (cleared.aborted) throw new Cleared('it was cleared before it was complete')
        // Asked each time, since others take memory too.
        if (!limited) this.#expect(end - this.#allocated)
        this.#touchSlice(end)
        this.changes.announce()
        await nextTurn()
      }
    } catch (error) {
      await this.#shrink(before)
      throw error
    }
  }

  #expect(bytes: number): void {
    const spare = this.#source.spare()
    if (bytes <= spare) return
    throw new OutOfMemory(
      `this needs ${mebibytes(bytes)} more, and the machine can spare ${mebibytes(spare)}`,
    )
  }

  #touchSlice(end: number): void {
    const offset = this.#allocated % chunkBytes
    const chunk = (this.#unused > 0 ? this.#chunks.at(-1) : undefined) ?? this.#addChunk()
    const length = Math.min(sliceBytes - (offset % sliceBytes), end - this.#allocated)
    new Uint8Array(chunk, offset, length).fill(0xff)
    this.#allocated += length
    Ballast.#unusedOfAll -= length
  }

  #addChunk(): ArrayBuffer {
    try {
      const chunk = new ArrayBuffer(chunkBytes)
      this.#chunks.push(chunk)
      Ballast.#unusedOfAll += chunkBytes
      return chunk
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new OutOfMemory(`the system gives this process no more than ${mebibytes(this.#allocated)}`)
    }
  }

  async #shrink(bytes: number): Promise<void> {
    Ballast.#unusedOfAll += this.#allocated - bytes
    this.#allocated = bytes
    while (this.#unused >= chunkBytes) {
      // Unlike dropping it, which waits for the garbage collector, this frees it at once.
      this.#chunks.pop()?.transfer(0)
      Ballast.#unusedOfAll -= chunkBytes
      await nextTurn()
    }
    this.changes.announce()
  }
}

const mebibytes = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MiB`
