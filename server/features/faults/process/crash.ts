/** A process that crashes, without letting anything finish. */
import { countOf } from '../../../text/count.ts'
import { BadOrder, type MakeFault } from '../action.ts'
import type { RequestFault } from '../requests/touch.ts'
import { onceAnswered } from './once-answered.ts'

/** Ends the process by a code, or by a signal for real: now, after seconds or after requests, those of probes not counted. */
export const makeCrash: MakeFault<'crash'> = (order, { changed }, { log, exit, dieBy }) => {
  const { afterSeconds = 0, afterRequests = 0, code = 1, signal } = order
  if (afterSeconds > 0 && afterRequests > 0)
    throw new BadOrder('a crash comes after seconds or after requests, not after both')
  const how = signal === undefined ? `with code ${code}` : `by ${signal}`
  const end = signal === undefined ? { code } : { signal }
  const crash = () => {
    log.error(`Crashes ${how}, as a fault has it`)
    if (signal === undefined) exit(code)
    else dieBy(signal)
  }
  if (afterRequests > 0) {
    let isTakenBack = false
    return {
      words: `crashes ${how} after ${countOf(afterRequests, 'request')}`,
      order: { afterRequests, ...end },
      comesOnce: true,
      seconds: 0,
      requests: countDown(afterRequests, changed, () => {
        if (!isTakenBack) crash()
      }),
      end() {
        isTakenBack = true
      },
    }
  }
  let timer: NodeJS.Timeout | undefined
  return {
    words: `crashes ${how} ${afterSeconds === 0 ? 'now' : `after ${afterSeconds} s`}`,
    order: { afterSeconds, ...end },
    comesOnce: true,
    seconds: afterSeconds,
    begin() {
      timer = onceAnswered(afterSeconds, crash)
    },
    end() {
      clearTimeout(timer)
    },
  }
}

/** Calls `done` when the last of so many requests has its answer. */
function countDown(requests: number, changed: () => void, done: () => void): RequestFault {
  let left = requests
  return {
    share: 1,
    path: '/',
    probes: false,
    touch({ response, mark }) {
      left -= 1
      mark(`crash=${Math.max(0, left)}-left`)
      changed()
      if (left === 0) response.once('close', done)
    },
  }
}
