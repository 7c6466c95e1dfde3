/** Who sent a request. */
import type { Socket } from 'node:net'

const client = Symbol('client')

/** A connection that remembers what its peer is called. */
type NamedSocket = Socket & { [client]?: string | undefined }

/** The peer's address and port, `127.0.0.1:41234` or `[::1]:41234`; made once for each connection. */
export function clientOf({ socket }: { readonly socket: NamedSocket }): string {
  return (socket[client] ??= describePeer(socket))
}

const describePeer = ({ remoteAddress = '-', remotePort = 0 }: Socket): string =>
  peerName(remoteAddress, remotePort)

/** An address and a port as they are shown. */
export function peerName(address: string, port: number | string): string {
  // A socket for both families shows an IPv4 peer as ::ffff:192.0.2.1.
  const plain = address.replace(/^::ffff:(?=.*\.)/, '')
  return `${plain.includes(':') ? `[${plain}]` : plain}:${port}`
}
