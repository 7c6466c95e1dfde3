/** Who sent a request. */
import type { IncomingMessage } from 'node:http'

/** The peer's address and port, `127.0.0.1:41234` or `[::1]:41234`. */
export function clientOf({ socket }: IncomingMessage): string {
  // A socket for both families shows an IPv4 peer as ::ffff:192.0.2.1.
  const address = (socket.remoteAddress ?? '-').replace(/^::ffff:(?=.*\.)/, '')
  return `${address.includes(':') ? `[${address}]` : address}:${String(socket.remotePort ?? 0)}`
}
