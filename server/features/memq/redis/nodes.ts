/** The nodes of one Redis or of a cluster, each a client of its own: here commands are sent as they are, and replies looked at. */
import type { RedisClientOptions } from '@redis/client'
import { lookUp } from '../../../host/look-up.ts'
import type { HostAndPort, RedisAddress } from './address.ts'

/** How long a command may take, the first connection included, in milliseconds. */
export const limitMs = 1_800
/** Between two tries to connect, in milliseconds. */
export const longestPauseMs = 1_000

/** One connection, of whatever modules and version of the protocol. */
export interface Client {
  sendCommand(command: readonly string[]): Promise<unknown>
  /** How often it has been made. */
  readonly socketEpoch: number
  readonly isReady: boolean
}

/** What one that is of no cluster is asked for besides. */
interface OwnClient extends Client, Keepable {
  duplicate(): OwnClient
  connect(): Promise<OwnClient>
  subscribe(channel: string, message: (text: string, channel: string) => void): Promise<void>
  unsubscribe(channel: string): Promise<void>
}

/** Who has which key. */
export interface Nodes {
  /** Whether one command may name only keys of one shard. */
  readonly isCluster: boolean
  /** Who has the key, as far as is known. */
  clientFor(key: string): Client | Promise<Client>
  /** Finds out who has the key now. */
  find(key: string): Promise<void>
  subscribe(channel: string, message: (text: string, channel: string) => void): Promise<void>
  unsubscribe(channel: string): Promise<void>
}

/** Takes in each client that is made, before it connects: to hear of its troubles and to end it. */
export type Keep = <Kept extends Keepable>(client: Kept) => Kept

export interface Keepable {
  on(event: string, listener: (error: unknown) => void): unknown
  destroy(): void
}

/** How to connect to any node. */
export type NodeOptions = Pick<
  RedisClientOptions,
  'username' | 'password' | 'disableOfflineQueue' | 'pingInterval' | 'socket' | 'commandOptions'
> & { readonly RESP: 2 }

/** How long to wait before the next try, in milliseconds. @param count of those before */
export const pauseAfter = (count: number): number => Math.min(50 * 2 ** count, longestPauseMs)

/** @param again whether a lost connection is made anew to the same node */
export function nodeOptions(
  { username, password, isTls }: Pick<RedisAddress, 'isTls'> & Partial<RedisAddress>,
  again = true,
): NodeOptions {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    RESP: 2 as const,
    disableOfflineQueue: true,
    // So that a connection that has died silently is noticed, and made anew.
    pingInterval: 1_000,
    // A command's time is over by `limitMs`; its own would be one more timer for each.
    commandOptions: { timeout: 0 },
    socket: {
      connectTimeout: limitMs,
      // One look-up that hangs goes on when its connection is given up, so that more and more would hang.
      lookup: lookUp,
      socketTimeout: 5_000,
      reconnectStrategy: again ? pauseAfter : false,
      // The nodes of a cluster have no URL that would say so.
      ...(isTls ? { tls: true as const } : {}),
    },
  }
}

/**
 * Connects to one server, and to the others of its cluster if it is of one.
 * @param database of a server that is of no cluster
 */
export async function connectTo(
  { host, port }: HostAndPort,
  database: number,
  options: NodeOptions,
  keep: Keep,
): Promise<Nodes> {
  const { createClient, createCluster } = await import('@redis/client')
  const socket = { ...options.socket, host, port }
  const client = keep(createClient({ ...options, database, socket }))
  await client.connect()
  if (!(await client.info('cluster')).includes('cluster_enabled:1')) return oneNode(client, keep)
  client.destroy()
  const cluster = keep(
    createCluster({
      rootNodes: [{ socket }],
      defaults: options,
      RESP: 2,
      topologyRefreshOnReconnectionAttemptStrategy: longestPauseMs,
    }),
  )
  await cluster.connect()
  return {
    isCluster: true,
    clientFor: (key) => cluster.getNodeClientForKey(key),
    // Whoever no longer has it says who does, and the client then asks who has what.
    find: async (key) => {
      await cluster.sendCommand(key, false, ['TYPE', key])
    },
    subscribe: (channel, message) => cluster.subscribe(channel, message),
    unsubscribe: (channel) => cluster.unsubscribe(channel),
  }
}

/** What is subscribed to has a connection of its own, once there is something. */
function oneNode(client: OwnClient, keep: Keep): Nodes {
  let subscriber: Promise<OwnClient> | undefined
  const subscribed = (): Promise<OwnClient> => (subscriber ??= keep(client.duplicate()).connect())
  return {
    isCluster: false,
    clientFor: () => client,
    find: () => Promise.resolve(),
    subscribe: async (channel, message) => (await subscribed()).subscribe(channel, message),
    unsubscribe: async (channel) => (await subscribed()).unsubscribe(channel),
  }
}
