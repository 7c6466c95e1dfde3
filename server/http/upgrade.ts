/** Requests whose clients want to go on by another protocol on the same connection (RFC 9110, section 7.8). */
import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { hasBody } from './linger.ts'
import { pathOf, withoutPrefix } from './prefix.ts'
import { responseOn } from './under-way.ts'

/** A connection that a route may take over, and then has to answer by itself. */
export interface Upgrade {
  readonly socket: Socket
  /** What the client has sent behind its request already. */
  readonly head: Buffer
}

const kept = Symbol('upgrade')

declare module 'node:http' {
  interface IncomingMessage {
    [kept]?: Upgrade
  }
}

/**
 * Whether a request asks for a WebSocket where there is one. On a connection that owes an answer to the request before it, it is answered as any
 * other, in its turn: a connection can't be taken over then.
 * @param paths where there is one, without a prefix
 */
export const asksForWebSocket = (request: IncomingMessage, paths: readonly string[]): boolean =>
  request.method === 'GET' &&
  request.headers.upgrade?.toLowerCase() === 'websocket' &&
  !hasBody(request) &&
  responseOn(request.socket) === undefined &&
  paths.includes(pathOf(withoutPrefix(request.url ?? '/')))

/** Has such a request answered as any other, so that it is logged, guarded and refused alike; if its route doesn't take the connection over, it ends. */
export function answerUpgrade(
  request: IncomingMessage,
  upgrade: Upgrade,
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): void {
  const { socket } = upgrade
  // Node has let go of it, so its errors are ours.
  socket.on('error', () => undefined)
  request[kept] = upgrade
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.once('finish', () => {
    socket.destroySoon()
  })
  handler(request, response)
}

/** @returns undefined for a request that asks for no other protocol */
export const upgradeOf = ({ raw }: { readonly raw: IncomingMessage }): Upgrade | undefined => raw[kept]
