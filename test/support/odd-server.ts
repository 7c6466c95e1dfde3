/** Servers that do what no kuard does: answer late, wrongly, or not at all. */
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { once } from 'node:events'
import { atEnd, type Lifetime } from './at-end.ts'

/** A server on a port of 127.0.0.1; ended with its test. */
export interface OddServer {
  readonly url: string
  readonly port: number
}

/** Speaks HTTP, and answers as a test says. @param host the address that it listens on */
export async function startHttpServer(
  context: Lifetime,
  answer: RequestListener,
  host = '127.0.0.1',
): Promise<OddServer & { readonly server: Server }> {
  const server = createHttpServer(answer).listen(0, host)
  await once(server, 'listening')
  atEnd(context, () => {
    server.close()
    server.closeAllConnections()
  })
  return { ...addressOf(server), server }
}

/** Takes connections, and does with each what a test says. */
export async function startSocketServer(
  context: Lifetime,
  connected: (socket: Socket) => void,
): Promise<OddServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    connected(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  atEnd(context, () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return addressOf(server)
}

function addressOf(server: Pick<Server, 'address'>): OddServer {
  // Every TCP listener has an AddressInfo.
  const { port } = server.address() as AddressInfo
  return { port, url: `http://127.0.0.1:${port}/` }
}
