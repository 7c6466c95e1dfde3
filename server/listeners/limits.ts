/** What clients may send and how long they may take, whatever they speak. */
import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http'
import { asksForWebSocket } from '../http/upgrade.ts'

/** Answers one request. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** What a client may send, and how long it may be silent. */
export interface Limits {
  /** Of a request's line and headers together, in bytes. */
  readonly headerLimit: number
  /** Of a connection between two requests, in seconds. */
  readonly idleTimeout: number
  /** Where it may ask for a WebSocket: paths, without a prefix. */
  readonly webSocketPaths?: readonly string[]
}

/** How long a client may take, in milliseconds (a request that is later gets 408), and what a request costs. */
export const serverOptions = ({ headerLimit, idleTimeout, webSocketPaths = [] }: Limits): ServerOptions => ({
  maxHeaderSize: headerLimit,
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: idleTimeout * 1_000,
  // A request without a body, as every probe is, needs no stream for one.
  optimizeEmptyRequests: true,
  // That there is one Host is seen to where it is read, so that those without are answered like all others.
  requireHostHeader: false,
  joinDuplicateHeaders: true,
  // All others that ask for another protocol are answered in this one (RFC 9110, section 7.8).
  shouldUpgradeCallback: (request) => asksForWebSocket(request, webSocketPaths),
})

/**
 * What the headers that have come on all connections may take, in bytes, and what one connection is never denied: so many clients that
 * begin a request of the greatest size and never end it can't take all memory. A newer connection may send less the more there are.
 */
const headerBudget = { all: 32 << 20, each: 16 << 10 }

/** What the headers of one more connection may take, in bytes. */
export const headerShare = (limit: number, connections: number): number =>
  Math.min(limit, Math.max(headerBudget.each, Math.floor(headerBudget.all / connections)))

/**
 * How long a connection may stand still in the middle of an answer, in milliseconds: who takes nothing for so long has gone, and
 * would hold what is sent open for ever. The system's own buffers hide some megabytes, so it takes at least 5 kB/s.
 */
export const standstillMs = 300_000

/** How often connections are closed that nothing is being answered on, once the listener is closed; in milliseconds. */
export const sweepMs = 100
