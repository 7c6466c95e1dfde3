/** The way to a Redis, to a cluster of them, or to whichever its sentinels name: an answer within two seconds, and recovery by itself. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../../log/log.ts'
import { shownAs, type HostAndPort, type RedisAddress, type SentinelsAddress } from './address.ts'
import { Confirmations, UnconfirmedError } from './confirmations.ts'
import {
  connectTo,
  limitMs,
  longestPauseMs,
  nodeOptions,
  pauseAfter,
  type Client,
  type Keepable,
  type Nodes,
} from './nodes.ts'
import type { Sentinels } from './sentinels.ts'
import { NoAnswerError, within, wordsOf } from './within.ts'

/** Redis has refused a command; the message is its own. */
export class RedisError extends Error {
  override name = 'RedisError'
}

/** Redis could not be asked, did not answer, or not for certain; the message says why. */
export class RedisAwayError extends Error {
  override name = 'RedisAwayError'
}

/** After which a start that hangs is made anew, in milliseconds. */
const longestStartMs = 10_000
/** For how long a trouble stands that is not reported again: longer than between two tries, in milliseconds. */
const lastingMs = 1_500
/** After something was told, in milliseconds. */
const quietMs = 250
/** Before something is tried again that Redis has refused for now, in milliseconds. */
const retryMs = 50

/** By the first word of its error: Redis has done nothing, and another node, or this one soon, does it. */
const passing = ['ASK', 'CLUSTERDOWN', 'LOADING', 'MASTERDOWN', 'MOVED', 'READONLY', 'TRYAGAIN']

/** What is said of these when their time is over, or at once. */
const inWords: Readonly<Record<string, string>> = {
  ASK: 'is moving these queues to another node',
  LOADING: 'is still reading what it has on disk',
  NOREPLICAS: 'takes no changes: it has fewer replicas that keep up than its min-replicas-to-write',
  READONLY: 'is a replica, and takes no changes',
}

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
  readonly #replicas: number
  readonly #open: Keepable[] = []
  readonly #confirmations = new WeakMap<Client, Confirmations>()
  readonly #channels = new Map<string, Set<(text: string) => void>>()
  #change: () => void = () => undefined
  /** A request may come before `start`: it waits, as it does for the connection. */
  readonly #started = Promise.withResolvers<Nodes>()
  #connected = this.#started.promise
  #sentinels: Sentinels | undefined
  /** What the sentinels said last. */
  #primary = ''
  /** Of the try to connect that is under way. */
  #attempt: AbortController | undefined
  #begunAt = 0
  #trouble = ''
  #reportedAt = 0
  #announcedAt = -quietMs
  #later: NodeJS.Timeout | undefined
  #isUnconfirmed = false
  #closed = false

  /** @param replicas how many of them have to confirm each change */
  constructor(address: RedisAddress, log: Pick<Log, 'info' | 'warn'>, replicas = 0) {
    this.#address = address
    this.#log = log
    this.#replicas = replicas
    this.#connected.catch(() => undefined)
  }

  /** Begins to connect, whether Redis is there or not. */
  start(channel: string, { message, change }: Listener): void {
    this.#change = change
    this.subscribe(channel, message)
    this.#started.resolve(this.#connect())
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#later)
    this.#sentinels?.close()
    this.#end()
  }

  #end(): void {
    for (const client of this.#open.splice(0)) client.destroy()
  }

  /**
   * Listens on a channel, also after Redis was away; what was said meanwhile is missed.
   * @returns what ends it, and what is fulfilled once it has begun
   */
  subscribe(channel: string, message: (text: string) => void): { end: () => void; active: Promise<void> } {
    const listeners = this.#channels.get(channel) ?? new Set()
    this.#channels.set(channel, listeners)
    listeners.add(message)
    const active = this.#connected.then((nodes) => nodes.subscribe(channel, this.#tell))
    active.catch(() => undefined)
    const end = (): void => {
      listeners.delete(message)
      if (listeners.size > 0) return
      this.#channels.delete(channel)
      this.#connected.then((nodes) => nodes.unsubscribe(channel)).catch(() => undefined)
    }
    return { end, active }
  }

  readonly #tell = (text: string, channel: string): void => {
    for (const listener of this.#channels.get(channel) ?? []) listener(text)
  }

  /**
   * Sends a command, again while Redis refuses it for now.
   * @param key by which a cluster finds the node
   * @throws RedisError when it is refused, RedisAwayError when there is no answer in time
   */
  send(key: string, command: string[]): Promise<unknown> {
    return this.#inTime(key, (client) => client.sendCommand(command))
  }

  /**
   * Sends a command that changes something, and has as many replicas confirm it as it takes.
   * @throws as `send`, RedisAwayError also when they have not confirmed it within a second
   */
  change(key: string, command: string[]): Promise<unknown> {
    if (this.#replicas === 0) return this.send(key, command)
    return this.#inTime(key, (client) => this.#confirmed(client, command))
  }

  async #confirmed(client: Client, command: readonly string[]): Promise<unknown> {
    const [reply] = await Promise.all([client.sendCommand(command), this.#confirmationsOf(client).confirm()])
    if (this.#isUnconfirmed) {
      this.#isUnconfirmed = false
      this.#log.info(`Redis at ${this.#address.shown}: changes are confirmed again`)
    }
    return reply
  }

  #confirmationsOf(client: Client): Confirmations {
    const known = this.#confirmations.get(client)
    if (known) return known
    const confirmations = new Confirmations(client, this.#replicas)
    this.#confirmations.set(client, confirmations)
    return confirmations
  }

  async #inTime(key: string, ask: (client: Client) => Promise<unknown>): Promise<unknown> {
    const end = performance.now() + limitMs
    let refused: unknown
    for (;;) {
      try {
        const reply = await within(end - performance.now(), this.#ask(key, ask))
        this.#answered()
        return reply
      } catch (error) {
        // What Redis has said before tells more than that the last try had no time left.
        refused = error instanceof NoAnswerError ? (refused ?? error) : error
        await this.#canTryAgain(key, refused, end)
      }
    }
  }

  async #ask(key: string, ask: (client: Client) => Promise<unknown>): Promise<unknown> {
    const nodes = await this.#connected
    return ask(await nodes.clientFor(key))
  }

  /** Waits a moment where another try may be answered otherwise. @throws what is to be said where it won't */
  async #canTryAgain(key: string, error: unknown, end: number): Promise<void> {
    const words = wordsOf(error)
    if (error instanceof UnconfirmedError) this.#unconfirmed(words)
    const { ErrorReply } = await import('@redis/client')
    if (!(error instanceof ErrorReply)) return this.#away(error)
    const [code = ''] = words.split(' ')
    if (passing.includes(code) && performance.now() + retryMs < end) {
      if (code !== 'LOADING') this.#lookForPrimary(key)
      await sleep(retryMs)
      return
    }
    if (inWords[code] === undefined) throw new RedisError(words)
    throw this.#awayError(words)
  }

  #away(error: unknown): never {
    // What the connection itself says tells more than that it took too long.
    const reason = this.#trouble || wordsOf(error)
    this.#report(reason)
    throw this.#awayError(reason)
  }

  /** @param reason Redis's own words, or the connection's */
  #awayError(reason: string): RedisAwayError {
    const [code = ''] = reason.split(' ')
    return new RedisAwayError(
      `Redis at ${this.#address.shown} ${inWords[code] ?? `does not answer: ${reason}`}`,
    )
  }

  /** Redis answers, so that what it is asked without a confirmation is none of its troubles. */
  #unconfirmed(words: string): never {
    if (!this.#isUnconfirmed) {
      this.#isUnconfirmed = true
      this.#log.warn(`Redis at ${this.#address.shown}: a change was not confirmed: ${words}`)
    }
    throw new RedisAwayError(words)
  }

  /** Another node has the key now, or is the primary. */
  #lookForPrimary(key: string): void {
    this.#connected
      .then((nodes) => {
        if (nodes.isCluster) return nodes.find(key)
        if (performance.now() - this.#begunAt > longestPauseMs) this.#beginAnew('it is no primary now')
        return undefined
      })
      .catch(() => undefined)
  }

  /**
   * Says which keys one command may name together: all of them, or in a cluster each alone.
   * @throws RedisAwayError when there is no connection in time
   */
  async groups(keys: readonly string[]): Promise<readonly (readonly string[])[]> {
    const nodes = await within(limitMs, this.#connected).catch((error: unknown) => this.#away(error))
    return nodes.isCluster ? keys.map((key) => [key]) : [keys]
  }

  /** Gives up the node, or the try to reach it: whoever asks waits until there is another. */
  #beginAnew(reason: string): void {
    if (this.#closed) return
    if (this.#attempt) {
      this.#attempt.abort(new Error(reason))
      return
    }
    this.#end()
    this.#connected = this.#connect()
    this.#connected.catch(() => undefined)
  }

  /** Begins anew whenever a start breaks halfway or hangs: no client does so by itself, and a cluster may have changed meanwhile. */
  async #connect(): Promise<Nodes> {
    for (let count = 0; !this.#closed; count += 1) {
      this.#begunAt = performance.now()
      this.#attempt = new AbortController()
      try {
        const nodes = await within(longestStartMs, this.#connectOnce(), this.#attempt.signal)
        this.#attempt = undefined
        return nodes
      } catch (error) {
        this.#end()
        this.#report((error instanceof NoAnswerError && this.#trouble) || wordsOf(error))
      }
      await sleep(pauseAfter(count))
    }
    throw new RedisAwayError('closed')
  }

  async #connectOnce(): Promise<Nodes> {
    const { place, database } = this.#address
    const nodes =
      'hosts' in place
        ? await this.#connectByName(place)
        : await connectTo(place, database, nodeOptions(this.#address), this.#keep)
    await this.#hearAll(nodes)
    return nodes
  }

  async #hearAll(nodes: Nodes): Promise<void> {
    await Promise.all([...this.#channels.keys()].map((channel) => nodes.subscribe(channel, this.#tell)))
  }

  async #connectByName(place: SentinelsAddress): Promise<Nodes> {
    const { Sentinels } = await import('./sentinels.ts')
    this.#sentinels ??= new Sentinels(place, this.#address)
    const primary = await this.#sentinels.primary()
    const before = this.#primary
    this.#primary = shownAs(primary)
    await this.#sentinels.watch((moved) => {
      this.#moved(moved)
    })
    const nodes = await connectTo(
      primary,
      this.#address.database,
      nodeOptions(this.#address, false),
      this.#keep,
    )
    const client = await nodes.clientFor('')
    const [role] = (await client.sendCommand(['ROLE'])) as unknown[]
    if (role !== 'master') throw new Error(`the sentinels name ${this.#primary}, which is a replica still`)
    if (before !== '' && before !== this.#primary)
      this.#log.info(`Redis at ${this.#address.shown} is at ${this.#primary} now`)
    return nodes
  }

  /** The sentinels name another primary: the one of before may hang, and would take changes that get lost. */
  #moved(primary: HostAndPort): void {
    if (shownAs(primary) !== this.#primary) this.#beginAnew(`the sentinels name ${shownAs(primary)}`)
  }

  /** Reports on a client, and ends it with the others. */
  readonly #keep = <Kept extends Keepable>(client: Kept): Kept => {
    this.#open.push(client)
    const on = (events: readonly string[], listener: (error: unknown) => void): void => {
      for (const event of events) client.on(event, listener)
    }
    // A cluster tells of its nodes by events of their own.
    on(['error', 'node-error'], (error) => {
      this.#report(wordsOf(error))
    })
    on(['ready', 'node-ready'], () => {
      this.#answered()
      // One that was away when it was to begin; what is heard already stays so.
      this.#connected.then((nodes) => this.#hearAll(nodes)).catch(() => undefined)
      // What was said meanwhile was missed.
      this.#change()
    })
    // One that is not to be connected to again: its sentinels may know better.
    on(['terminated'], (error) => {
      this.#beginAnew(wordsOf(error))
    })
    return client
  }

  /** A cluster answers for one key while it can't for another: what was reported just now is no trouble of before. */
  #answered(): void {
    if (this.#trouble !== '' && performance.now() - this.#reportedAt > lastingMs) this.#back()
  }

  #back(): void {
    if (this.#trouble === '') return
    this.#trouble = ''
    this.#log.info(`Redis at ${this.#address.shown} is back`)
    this.#announce()
  }

  /** Once for each trouble, not for each try. */
  #report(words: string): void {
    const isNew = this.#trouble === ''
    this.#trouble = words
    this.#reportedAt = performance.now()
    if (isNew) {
      this.#log.warn(`Redis at ${this.#address.shown} can't be used: ${words}`)
      this.#announce()
    }
    // Whoever watches asks again, and so finds out when it is back.
    this.#announceIn(longestPauseMs)
  }

  /** Not at once again: whoever is told asks Redis, and what comes of that is told, too. */
  #announce(): void {
    const now = performance.now()
    if (now - this.#announcedAt < quietMs) {
      this.#announceIn(quietMs)
      return
    }
    this.#announcedAt = now
    this.#change()
  }

  #announceIn(milliseconds: number): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined
      this.#announcedAt = performance.now()
      this.#change()
    }, milliseconds).unref()
  }
}
