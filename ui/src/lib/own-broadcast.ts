/** The page's own event stream, where there is no shared worker; closed while the page is hidden. */
import { Broadcast } from './broadcast.ts'
import { root } from './root.ts'

let own: Broadcast | undefined

/** A port of this tab's own broadcast, which is there from the first of them on. */
export function ownPort(): MessagePort {
  own ??= broadcastWhileSeen()
  const { port1, port2 } = new MessageChannel()
  own.join(port2)
  return port1
}

function broadcastWhileSeen(): Broadcast {
  const broadcast = new Broadcast(root.href)
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) broadcast.close()
    else broadcast.open()
  })
  return broadcast
}
