/** How many keys the process makes side by side, whichever workload wants them. */
import { fingerprint, makeKey } from './key.ts'

/** The right to make one key; whoever took it gives it back by `using`. */
export interface KeySlot extends Disposable {
  /**
   * Makes a key, at most one with each slot.
   * @returns its fingerprint
   * @throws the signal's reason as soon as it aborts; the slot then stays taken until the key, which can't be
   * stopped, is made
   */
  makeKey(signal: AbortSignal): Promise<string>
}

/** A fixed number of slots. */
export class KeySlots {
  readonly count: number
  #taken = 0
  readonly #making = new Set<Promise<string>>()
  #freed = Promise.withResolvers<undefined>()

  /** @param count as `--keygen-workers` says */
  constructor(count: number) {
    this.count = count
  }

  /**
   * Waits for a free slot.
   * @throws the signal's reason as soon as it aborts
   */
  async take(signal: AbortSignal): Promise<KeySlot> {
    while (this.#taken >= this.count) await unlessAborted(this.#freed.promise, signal)
    signal.throwIfAborted()
    this.#taken += 1
    let key: Promise<string> | undefined
    return {
      makeKey: async (until) => {
        // One that is begun can't be stopped.
        until.throwIfAborted()
        key = this.#make()
        return unlessAborted(key, until)
      },
      [Symbol.dispose]: () => {
        void Promise.allSettled([key]).then(this.#free)
      },
    }
  }

  #make(): Promise<string> {
    const key = makeKey()
      .then(fingerprint)
      .finally(() => this.#making.delete(key))
    this.#making.add(key)
    return key
  }

  /** Resolves when the keys that are in the making are made. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#making)
  }

  readonly #free = (): void => {
    this.#taken -= 1
    this.#freed.resolve(undefined)
    this.#freed = Promise.withResolvers()
  }
}

/** Settles as the promise does, or rejects with the signal's reason if that aborts first. */
async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = () => {
    aborted.reject(signal.reason as Error)
  }
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
