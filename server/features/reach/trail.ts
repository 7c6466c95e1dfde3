/** The steps of one run, and the time that it has. */
import type { Duplex } from 'node:stream'
import { Ended, endedBy } from './ended.ts'
import type { ReachStep } from './wire.ts'

/** What a step came to, and what that is in words. */
type Done<Result> = readonly [result: Result, words: string]

/** Headers by their names. */
export type Carrier = Readonly<Record<string, string>>

/** Takes the steps down; when time is up every step ends, whatever it waits for. */
export class Trail {
  readonly steps: ReachStep[] = []
  /** Aborted when time is up, when nobody waits for the report any more, and at the end. */
  readonly signal: AbortSignal
  /** What requests carry besides. */
  readonly carrier: Carrier
  readonly #begun = performance.now()
  readonly #over = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #seconds: number
  readonly #sockets = new Set<Duplex>()

  /** @param client aborts when nobody waits any more */
  constructor(timeoutMs: number, client: AbortSignal, carrier: Carrier = {}) {
    this.carrier = carrier
    this.#seconds = timeoutMs / 1000
    this.signal = AbortSignal.any([client, this.#over.signal])
    this.#timer = setTimeout(() => {
      this.#over.abort()
    }, timeoutMs)
  }

  /** Since the start. */
  get milliseconds(): number {
    return rounded(performance.now() - this.#begun)
  }

  /** Has a socket destroyed at the end. */
  keep<Socket extends Duplex>(socket: Socket): Socket {
    this.#sockets.add(socket)
    // Whoever waits for it hears of its errors as well.
    socket.on('error', () => undefined)
    return socket
  }

  /**
   * Does a step and takes it down.
   * @param others ends it early, since another was quicker
   * @throws Ended
   */
  async step<Result>(
    kind: ReachStep['kind'],
    of: string,
    work: () => Promise<Done<Result>>,
    others?: AbortSignal,
  ): Promise<Result> {
    const at = this.milliseconds
    const step: ReachStep = { kind, of, at, milliseconds: 0, outcome: 'given up', words: '' }
    this.steps.push(step)
    const signal = others ? AbortSignal.any([this.signal, others]) : this.signal
    try {
      const [result, words] = await unlessAborted(work(), signal)
      Object.assign(step, { outcome: 'done', words })
      return result
    } catch (error) {
      const isLate = this.signal.aborted
      const ended = isLate ? this.#timeUp(kind) : endedBy(error)
      const isGivenUp = isLate || others?.aborted === true
      Object.assign(step, { outcome: isGivenUp ? 'given up' : 'failed', words: ended.message })
      throw ended
    } finally {
      step.milliseconds = rounded(this.milliseconds - at)
    }
  }

  #timeUp(kind: ReachStep['kind']): Ended {
    if (!this.#over.signal.aborted) return new Ended('timed out', 'given up: nobody waits for it any more')
    const end = kind === 'name' ? 'no name server' : 'timed out'
    return new Ended(end, `no answer within ${this.#seconds} s`)
  }

  /** Lets go of everything. */
  end(): void {
    clearTimeout(this.#timer)
    this.#over.abort()
    // What lies on another first: Node.js 26.10 dies of a segmentation fault when a TLS socket outlives the one below it.
    for (const socket of [...this.#sockets].reverse()) socket.destroy()
  }
}

const rounded = (milliseconds: number): number => Math.max(0, Math.round(milliseconds * 10) / 10)

/** @throws Ended when the signal comes first */
async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => {
    reject(new Ended('timed out', 'given up, since another was quicker'))
  }
  // What nobody waits for any more may fail unheard.
  work.catch(() => undefined)
  promise.catch(() => undefined)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([promise, work])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
