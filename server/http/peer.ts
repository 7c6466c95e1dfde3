/** Who sent a request. */
import type { Socket } from 'node:net'

const client = Symbol('client')

/** A connection that remembers what its peer is called. */
type NamedSocket = Socket & { [client]?: string | undefined }

/** The peer's address and port, `127.0.0.1:41234` or `[::1]:41234`; made once for each connection. */
export function clientOf({ socket }: { readonly socket: NamedSocket }): string {
  return (socket[client] ??= describePeer(socket))
}

function describePeer(socket: Socket): string {
  // A socket for both families shows an IPv4 peer as ::ffff:192.0.2.1.
  const address = (socket.remoteAddress ?? '-').replace(/^::ffff:(?=.*\.)/, '')
  return `${address.includes(':') ? `[${address}]` : address}:${String(socket.remotePort ?? 0)}`
}
