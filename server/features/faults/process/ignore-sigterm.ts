/** SIGTERM without effect, as where a program doesn't handle it as the first process of a container. */
import type { MakeFault } from '../action.ts'

/** Ignores SIGTERM, so that only SIGKILL ends the process. */
export const makeIgnoreSigterm: MakeFault<'ignore-sigterm'> = (
  { seconds = 0 },
  _listener,
  { ignoreSigterm },
) => ({
  words: 'ignores SIGTERM',
  order: { seconds },
  seconds,
  begin() {
    ignoreSigterm(true)
  },
  end() {
    ignoreSigterm(false)
  },
})
