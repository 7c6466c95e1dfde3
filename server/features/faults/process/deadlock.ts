/** A process that hangs: its event loop stands still, which only a probe finds out. */
import type { MakeFault } from '../action.ts'
import { onceAnswered } from './once-answered.ts'

/** Blocks the event loop, once. */
export const makeDeadlock: MakeFault<'deadlock'> = ({ afterSeconds = 0, seconds }, { over }, { log }) => {
  let timer: NodeJS.Timeout | undefined
  const block = () => {
    log.warn(`Nothing is answered any more, for ${seconds} s`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, seconds * 1000)
    over('it was done')
  }
  return {
    words: `answers nothing for ${seconds} s, ${afterSeconds === 0 ? 'from now on' : `after ${afterSeconds} s`}`,
    order: { afterSeconds, seconds },
    comesOnce: true,
    seconds: afterSeconds + seconds,
    begin() {
      timer = onceAnswered(afterSeconds, block)
    },
    end() {
      clearTimeout(timer)
    },
  }
}
