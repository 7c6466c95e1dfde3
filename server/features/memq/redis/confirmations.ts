/** Has replicas confirm what was written: https://redis.io/docs/latest/commands/wait/. */
import { limitMs, type Client } from './nodes.ts'
import { wordsOf } from './within.ts'

/** How long replicas may take, in milliseconds. */
const confirmMs = 1_000
/** What is left of a command's time for the answer itself, in milliseconds. */
const answerMs = 100

/** Changes that one WAIT confirms. */
interface Group {
  readonly confirmed: PromiseWithResolvers<undefined>
  /** When the first of them was sent, in milliseconds. */
  readonly since: number
  /** Of the connection: another one knows nothing of what was written over this. */
  readonly epoch: number
}

/** The changes over one connection: one WAIT goes right behind them, and while it runs those that come gather for the next. */
export class Confirmations {
  readonly #client: Client
  readonly #replicas: number
  #next: Group | undefined
  #isRunning = false

  constructor(client: Client, replicas: number) {
    this.#client = client
    this.#replicas = replicas
  }

  /**
   * Waits until so many replicas have all that was sent so far.
   * @throws Error when they have not said so in time, or the connection was lost
   */
  confirm(): Promise<undefined> {
    this.#next ??= {
      confirmed: Promise.withResolvers(),
      since: performance.now(),
      epoch: this.#client.socketEpoch,
    }
    const { promise } = this.#next.confirmed
    if (!this.#isRunning) {
      this.#isRunning = true
      // Behind whatever else is sent now.
      queueMicrotask(() => void this.#run())
    }
    return promise
  }

  async #run(): Promise<void> {
    for (let group = this.#next; group; group = this.#next) {
      this.#next = undefined
      const { confirmed } = group
      try {
        await this.#wait(group)
        confirmed.resolve(undefined)
      } catch (error) {
        confirmed.reject(error)
      }
    }
    this.#isRunning = false
  }

  async #wait({ since, epoch }: Group): Promise<void> {
    const left = since + limitMs - answerMs - performance.now()
    const timeout = Math.max(1, Math.floor(Math.min(confirmMs, left)))
    let reason
    try {
      // A connection that was made anew would have everything confirmed at once.
      if (this.#client.socketEpoch !== epoch) throw new Error('the connection was lost')
      const count = Number(await this.#client.sendCommand(['WAIT', String(this.#replicas), String(timeout)]))
      if (count >= this.#replicas) return
      reason = `${count} of ${this.#replicas} replicas have it after ${timeout / 1000} seconds`
    } catch (error) {
      reason = wordsOf(error)
    }
    throw new UnconfirmedError(`This may have been done, and is not confirmed: ${reason}`)
  }
}

/** So many replicas have not said that they have a change. */
export class UnconfirmedError extends Error {
  override name = 'UnconfirmedError'
}
