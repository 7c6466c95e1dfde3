/** Waits for what a reader is told to see, and tells what was there instead. */
import { eventually } from './eventually.ts'

/** What was looked at, and whether it is as it should be. */
export interface Look {
  readonly is: boolean
  readonly seen: string
}

/**
 * Looks until it is so.
 * @param what for the error, "nothing to be left"
 * @param seconds how long that may take
 * @throws Error with what was seen last
 */
export async function comesTrue(
  what: string,
  seconds: number,
  look: () => Look | Promise<Look>,
): Promise<void> {
  let last = ''
  const attempt = async () => {
    const { is, seen } = await look()
    last = seen
    return is
  }
  try {
    await eventually(what, attempt, seconds * 1000, 500)
  } catch (error) {
    throw new Error(`${messageOf(error)}; seen was:\n${last}`, { cause: error })
  }
}

/** What an error says. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
