/** Has a server make small keys, so that a test can ask for many. The product has no flag for it. */
import { join } from 'node:path'
import type { StartOptions } from './kuard.ts'

/**
 * @param milliseconds what each key takes at least
 * @param untilStuck how many keys are made before one is begun that is never finished
 * @param fifo a named pipe, for a key that is never finished to hold a thread by
 */
export function cheapKeys({ milliseconds = 0, untilStuck = Infinity, fifo = '' } = {}): StartOptions {
  return {
    nodeArgs: ['--import', join(import.meta.dirname, 'cheap-keys-preload.ts')],
    env: {
      KEY_MILLISECONDS: String(milliseconds),
      KEYS_UNTIL_STUCK: String(untilStuck),
      ...(fifo && { KEY_FIFO: fifo }),
    },
  }
}
