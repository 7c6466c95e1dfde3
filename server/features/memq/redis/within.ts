/** Limits to how long something may take, and its errors in words. */

/** There was no answer in time. */
export class NoAnswerError extends Error {
  override name = 'NoAnswerError'
}

/**
 * Gives up on a promise.
 * @param limitMs after so many milliseconds
 * @param signal or when this is aborted, with its reason
 */
export async function within<Value>(
  limitMs: number,
  promise: Promise<Value>,
  signal?: AbortSignal,
): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  // An error's stack takes as long to make as a message's way, so none is made in vain.
  const timer = setTimeout(() => {
    reject(new NoAnswerError(`no answer within ${(limitMs / 1000).toFixed(1)} seconds`))
  }, limitMs)
  const abort = (): void => {
    reject(signal?.reason)
  }
  signal?.addEventListener('abort', abort)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

export const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
