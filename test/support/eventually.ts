/** Waits for what a test expects, instead of for a fixed time. */
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Tries until there is something.
 * @param what for the error, "the queue to be empty"
 * @param attempt gives a value other than undefined, null and false when it has come true
 * @param limitMs how long to go on trying, in milliseconds
 * @param pauseMs between two tries, in milliseconds
 * @throws Error naming what did not come true, or whatever the attempt throws
 */
export async function eventually<Value>(
  what: string,
  attempt: () => Value | Promise<Value>,
  limitMs = 30_000,
  pauseMs = 20,
): Promise<NonNullable<Exclude<Value, false>>> {
  const deadline = performance.now() + limitMs
  for (;;) {
    const value = await attempt()
    if (value !== undefined && value !== null && value !== false)
      return value as NonNullable<Exclude<Value, false>>
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms for ${what}`)
    await sleep(pauseMs)
  }
}
