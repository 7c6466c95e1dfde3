/** Processes and sockets, in words. */
import type { ListeningSocket, VisibleProcess } from '../../../../server/features/container/wire.ts'

/** Whose a process is: a container's identity is as long as nobody reads it, so it is cut. */
export function containerWords({ container }: VisibleProcess): string {
  if (container === null) return 'unknown'
  return container.isOwn ? 'this one' : `another, ${container.id.slice(0, 12)}`
}

const isSix = ({ protocol }: ListeningSocket): boolean => protocol.endsWith('6')

/** Such as `0.0.0.0:8080` and `[::]:8080`. */
export const socketWords = (socket: ListeningSocket): string =>
  `${isSix(socket) ? `[${socket.address}]` : socket.address}:${String(socket.port)}`
