/** Work that a pattern of somebody's own may make endless: it ends in time, and nobody else is kept waiting. */
import { createContext, Script, type Context } from 'node:vm'

/** The one way to end a search that goes back and forth for years: V8 lets a script be interrupted within a pattern. */
const doing = new Script('work()')
let room: (Context & { work?: () => void }) | undefined

/**
 * @param work is synchronous, and changes nothing: it may be cut short anywhere
 * @returns undefined where it took longer
 * @throws what the work throws
 */
export function inTime<Result>(milliseconds: number, work: () => Result): Result | undefined {
  room ??= createContext({})
  let result: Result | undefined
  room.work = () => {
    result = work()
  }
  try {
    doing.runInContext(room, { timeout: milliseconds })
    return result
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined
    throw error
  } finally {
    delete room.work
  }
}
