/** The way to a Redis, or to a cluster of them: an answer within two seconds, and recovery by itself. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RedisClientType, RedisClusterType } from '@redis/client'
import { lookUp } from '../../../host/look-up.ts'
import type { Log } from '../../../log/log.ts'
import type { RedisAddress } from './address.ts'

/** Redis has refused a command; the message is its own. */
export class RedisError extends Error {
  override name = 'RedisError'
}

/** Redis could not be asked, or did not answer; the message says why. */
export class RedisAwayError extends Error {
  override name = 'RedisAwayError'
}

/** How long a command may take, the first connection included, in milliseconds. */
const limitMs = 1_800
/** Between two tries to connect, in milliseconds. */
const longestPauseMs = 1_000

/** After which a start that hangs is made anew, in milliseconds. */
const longestStartMs = 10_000

/** Of whatever modules and version of the protocol: here commands are sent as they are, and replies looked at. */
type Connection = RedisClientType | RedisClusterType

/** What is told of. */
export interface Listener {
  /** There is a message on the channel. */
  readonly message: (text: string) => void
  /** Redis has gone or is back; messages may have been missed. */
  readonly change: () => void
}

/** Connects by itself from `start` until `close`, as often as it has to. */
export class RedisConnection {
  readonly #address: RedisAddress
  readonly #log: Pick<Log, 'info' | 'warn'>
  readonly #open: { destroy(): void }[] = []
  #listener: Listener = { message: () => undefined, change: () => undefined }
  /** A request may come between listening and `start`: it waits, as it does for the connection. */
  readonly #connecting = Promise.withResolvers<Connection>()
  readonly #connected = this.#connecting.promise
  #trouble = ''
  #closed = false

  constructor(address: RedisAddress, log: Pick<Log, 'info' | 'warn'>) {
    this.#address = address
    this.#log = log
    this.#connected.catch(() => undefined)
  }

  /** Begins to connect, whether Redis is there or not. */
  start(channel: string, listener: Listener): void {
    this.#listener = listener
    this.#connecting.resolve(this.#connect(channel))
  }

  close(): void {
    this.#closed = true
    this.#end()
  }

  #end(): void {
    for (const client of this.#open.splice(0)) client.destroy()
  }

  /**
   * Sends a command.
   * @param key by which a cluster finds the node
   * @throws RedisError when it is refused, RedisAwayError when there is no answer in time
   */
  async send(key: string, command: string[]): Promise<unknown> {
    try {
      const reply = await within(limitMs, this.#ask(key, command))
      this.#answered()
      return reply
    } catch (error) {
      const { message } = error as Error
      const { ErrorReply } = await import('@redis/client')
      if (error instanceof ErrorReply) throw new RedisError(message)
      return this.#away(error)
    }
  }

  #away(error: unknown): never {
    // What the connection itself says tells more than that it took too long.
    const reason = this.#trouble || wordsOf(error)
    this.#report(reason)
    throw new RedisAwayError(`Redis at ${this.#address.shown} does not answer: ${reason}`)
  }

  /**
   * Says which keys one command may name together: all of them, or in a cluster each alone.
   * @throws RedisAwayError when there is no connection in time
   */
  async groups(keys: readonly string[]): Promise<readonly (readonly string[])[]> {
    const connection = await within(limitMs, this.#connected).catch((error: unknown) => this.#away(error))
    return 'masters' in connection ? keys.map((key) => [key]) : [keys]
  }

  async #ask(key: string, command: string[]): Promise<unknown> {
    const connection = await this.#connected
    return 'masters' in connection
      ? connection.sendCommand(key, false, command)
      : connection.sendCommand(command)
  }

  /** Begins anew whenever a start breaks halfway or hangs: no client does so by itself, and a cluster may have changed meanwhile. */
  async #connect(channel: string): Promise<Connection> {
    while (!this.#closed) {
      try {
        return await within(longestStartMs, this.#connectOnce(channel))
      } catch (error) {
        this.#end()
        this.#report(this.#trouble || wordsOf(error))
      }
      await sleep(longestPauseMs)
    }
    throw new RedisAwayError('closed')
  }

  async #connectOnce(channel: string): Promise<Connection> {
    const { createClient, createCluster } = await import('@redis/client')
    const { url, username, password } = this.#address
    const isTls = new URL(url).protocol === 'rediss:'
    const options = {
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      RESP: 2 as const,
      disableOfflineQueue: true,
      // So that a connection that has died silently is noticed, and made anew.
      pingInterval: 1_000,
      socket: {
        connectTimeout: limitMs,
        // One look-up that hangs goes on when its connection is given up, so that more and more would hang.
        lookup: lookUp,
        socketTimeout: 5_000,
        reconnectStrategy: (tries: number) => Math.min(50 * 2 ** tries, longestPauseMs),
        // The nodes of a cluster have no URL that would say so.
        ...(isTls ? { tls: true as const } : {}),
      },
    }
    const client = this.#keep(createClient({ ...options, url }))
    await client.connect()
    if (!(await client.info('cluster')).includes('cluster_enabled:1')) {
      const subscriber = this.#keep(client.duplicate())
      await subscriber.connect()
      await subscriber.subscribe(channel, this.#listener.message)
      // The type of its options is in its own, and makes it another.
      return client as unknown as Connection
    }
    client.destroy()
    const cluster = this.#keep(
      createCluster({
        rootNodes: [{ url }],
        defaults: options,
        RESP: 2,
        topologyRefreshOnReconnectionAttemptStrategy: longestPauseMs,
      }),
    )
    await cluster.connect()
    await cluster.subscribe(channel, this.#listener.message)
    // As above.
    return cluster as unknown as Connection
  }

  /** Reports on a client, and ends it with the others. */
  #keep<Client extends { on(event: string, listener: (error: unknown) => void): unknown; destroy(): void }>(
    client: Client,
  ): Client {
    this.#open.push(client)
    // A cluster tells of its nodes by events of their own.
    for (const event of ['error', 'node-error'])
      client.on(event, (error) => {
        this.#report(wordsOf(error))
      })
    for (const event of ['ready', 'node-ready'])
      client.on(event, () => {
        this.#answered()
        // What was said meanwhile was missed.
        this.#listener.change()
      })
    return client
  }

  #answered(): void {
    if (this.#trouble === '') return
    this.#trouble = ''
    this.#log.info(`Redis at ${this.#address.shown} is back`)
    this.#listener.change()
  }

  /** Once for each trouble, not for each try. */
  #report(words: string): void {
    const isNew = this.#trouble === ''
    this.#trouble = words
    // Whoever watches asks again, and so finds out when it is back.
    setTimeout(this.#listener.change, longestPauseMs).unref()
    if (!isNew) return
    this.#log.warn(`Redis at ${this.#address.shown} can't be used: ${words}`)
    this.#listener.change()
  }
}

/** Gives up on a promise after some milliseconds. */
async function within<Value>(limitMs: number, promise: Promise<Value>): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(reject, limitMs, new Error(`no answer within ${limitMs / 1000} seconds`))
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
