/** `--read-only`: nothing is changed over HTTP, but by routes that say so. */
import type { Feature } from '../../feature.ts'
import { HttpError } from '../../http/errors.ts'
import { safeMethods } from '../../http/guard.ts'

const name = 'read-only'

/** Has no routes of its own, but a word in front of all others. */
export const readOnlyFeature = (): Feature => ({
  name,
  routes: () => undefined,
  guard({ method, is404, routeOptions }) {
    // What no route takes is let through, to be answered as it always is.
    if ((safeMethods.has(method) && routeOptions.config.unsafe !== true) || is404) return
    throw new HttpError(403, 'this server is read-only (--read-only)')
  },
})
