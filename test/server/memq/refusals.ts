/** What a store refuses. */
import assert from 'node:assert/strict'
import { RefusedError, type Refusal } from '../../../server/features/memq/store.ts'

/** Expects to be refused for just this reason. */
export async function assertRefused(refusal: Refusal, run: () => Promise<unknown>): Promise<void> {
  await assert.rejects(run, (error) => error instanceof RefusedError && error.refusal === refusal)
}

/** Tells whether it was done, rather than refused for want of room in the whole store; a queue's own limits are no want of room. */
export async function hadRoom(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    if (error instanceof RefusedError && /^(the queues are|Redis is) full/.test(error.message)) return false
    throw error
  }
}

/** Tells whether it was refused, for whatever reason. */
export async function wasRefused(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run()
    return false
  } catch (error) {
    if (error instanceof RefusedError) return true
    throw error
  }
}
