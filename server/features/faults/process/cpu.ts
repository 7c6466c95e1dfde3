/**
 * CPU that is burnt for nothing, in libuv's threads, so that the event loop stays free. Not in workers: Node.js's permissions don't hold in
 * them, so the image allows none.
 */
import { pbkdf2 } from 'node:crypto'
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { countOf } from '../../../text/count.ts'
import type { FaultAction, FaultListener, MakeFault } from '../action.ts'
import type { FaultOrder } from '../wire.ts'

/** How long one piece of work takes a core, in milliseconds: so long wait its end, and whoever else has something for the threads. */
const pieceMs = 10

/** Of the first piece, which finds out how fast a core is. */
const firstIterations = 500

/** What a thread that was kept waiting may make up for, in milliseconds. */
const mostDueMs = 1000

/** How often those who watch are told, in milliseconds. */
const tellMs = 1000

/** Keeps cores busy, or a share of one. */
export const makeCpu: MakeFault<'cpu'> = ({ cores, seconds = 0 }, listener) =>
  new Cpu({ cores, seconds }, listener)

class Cpu implements FaultAction {
  readonly words: string
  readonly order: Required<FaultOrder<'cpu'>>
  readonly seconds: number
  readonly problem: string | undefined
  readonly #changed: () => void
  readonly #ended = new AbortController()
  #lanes: readonly Promise<void>[] = []
  #tells: NodeJS.Timeout | undefined
  #began = 0
  #burntMs = 0
  /** What one iteration takes a core, in milliseconds: the shortest time that was seen, since a thread may have had to wait for one. */
  #iterationMs = Infinity

  constructor(order: Required<FaultOrder<'cpu'>>, { changed }: FaultListener) {
    const { cores, seconds } = order
    this.order = order
    this.seconds = seconds
    this.words = `burns ${countOf(cores, 'core')}`
    const all = cpus().length
    // As main.ts has set it.
    const threads = Number(process.env.UV_THREADPOOL_SIZE)
    if (cores > all) this.problem = `this machine has ${countOf(all, 'core')}`
    else if (cores > threads)
      this.problem = `this process has ${countOf(threads, 'thread')} for it; --fault-cpu starts with more`
    this.#changed = changed
  }

  get progress(): string {
    const seconds = (performance.now() - this.#began) / 1000
    const burnt = this.#burntMs / 1000
    return `${burnt.toFixed(1)} s of CPU burnt, ${(burnt / Math.max(seconds, 0.1)).toFixed(2)} cores on average`
  }

  begin(): void {
    this.#began = performance.now()
    this.#lanes = sharesOf(Math.min(this.order.cores, cpus().length)).map((share) => this.#keepBusy(share))
    this.#tells = setInterval(this.#changed, tellMs)
  }

  async end(): Promise<void> {
    clearInterval(this.#tells)
    this.#ended.abort()
    await Promise.all(this.#lanes)
  }

  /** Burns this share of the time that passes, piece after piece. */
  async #keepBusy(share: number): Promise<void> {
    const { signal } = this.#ended
    let last = performance.now()
    let dueMs = 0
    while (!signal.aborted) {
      const now = performance.now()
      dueMs = Math.min(dueMs + (now - last) * share, mostDueMs)
      last = now
      const waitMs = (pieceMs - dueMs) / share
      // A whole core has no time to wait.
      if (share < 1 && waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => undefined)
      else dueMs -= await this.#burnPiece()
    }
  }

  /** @returns what it took a core, in milliseconds */
  async #burnPiece(): Promise<number> {
    const isFirst = this.#iterationMs === Infinity
    const iterations = isFirst ? firstIterations : Math.ceil(pieceMs / this.#iterationMs)
    const began = performance.now()
    await new Promise((resolve) => {
      pbkdf2('', '', iterations, 64, 'sha512', resolve)
    })
    this.#iterationMs = Math.min(this.#iterationMs, (performance.now() - began) / iterations)
    const tookMs = iterations * this.#iterationMs
    this.#burntMs += tookMs
    return tookMs
  }
}

/** Whole cores, and what is left: 2.5 is 1, 1 and 0.5. */
function sharesOf(cores: number): readonly number[] {
  const rest = cores % 1
  return [...Array<number>(Math.floor(cores)).fill(1), ...(rest > 0 ? [rest] : [])]
}
