/** The shared worker: all tabs of one server follow one event stream. Its name is the server's root address. */
import { Broadcast } from './broadcast.ts'

const broadcast = new Broadcast(self.name)

self.addEventListener('connect', (event) => {
  // TypeScript's library for pages does not know this event of shared workers.
  for (const port of (event as MessageEvent).ports) broadcast.join(port)
})
