/** Where the primary is, as its sentinels say (https://redis.io/docs/latest/develop/reference/sentinel-clients/). */
import { shownAs, type HostAndPort, type RedisAddress, type SentinelsAddress } from './address.ts'
import { nodeOptions, type Keepable, type NodeOptions } from './nodes.ts'
import { within, wordsOf } from './within.ts'

/** How long one sentinel may take to answer, in milliseconds. */
const askMs = 1_000

interface Answer {
  readonly primary: HostAndPort
  /** Greater after each failover. */
  readonly epoch: number
}

/** The sentinels of one primary. */
export class Sentinels {
  readonly #place: SentinelsAddress
  readonly #address: RedisAddress
  readonly #watching: Keepable[] = []
  /** They are often open where Redis itself wants a password, and refuse one then. */
  #isPasswordWanted = false

  constructor(place: SentinelsAddress, address: RedisAddress) {
    this.#place = place
    this.#address = address
  }

  /**
   * Asks all of them at the same time: what the newest of their answers says, once most have given one or the others can't.
   * One that is cut off may still name a primary of before.
   * @throws Error when none of them knows
   */
  async primary(): Promise<HostAndPort> {
    const { hosts, name } = this.#place
    const answers: Answer[] = []
    const troubles: string[] = []
    const most = Promise.withResolvers<undefined>()
    const asked = hosts.map(async (host) => {
      try {
        answers.push(await within(askMs, this.#ask(host)))
      } catch (error) {
        troubles.push(`${shownAs(host)}: ${wordsOf(error)}`)
      }
      if (answers.length > hosts.length / 2) most.resolve(undefined)
    })
    await Promise.race([most.promise, Promise.all(asked)])
    const [newest] = answers.sort((one, other) => other.epoch - one.epoch)
    if (newest) return newest.primary
    throw new Error(`no sentinel says where ${name} is: ${troubles.join('; ')}`)
  }

  /** Tells of each new primary, once for each sentinel that says so. */
  async watch(moved: (primary: HostAndPort) => void): Promise<void> {
    if (this.#watching.length > 0) return
    const { createClient } = await import('@redis/client')
    for (const { host, port } of this.#place.hosts) {
      const options = this.#options(true)
      const client = createClient({ ...options, socket: { ...options.socket, host, port } })
      this.#watching.push(client)
      // It connects anew by itself, and whoever has no primary asks by itself.
      client.on('error', () => undefined)
      const subscribed = client.connect().then(() =>
        client.subscribe('+switch-master', (text) => {
          const [name, , , newHost = '', newPort] = text.split(' ')
          if (name === this.#place.name) moved({ host: newHost, port: Number(newPort) })
        }),
      )
      subscribed.catch(() => undefined)
    }
  }

  close(): void {
    for (const client of this.#watching.splice(0)) client.destroy()
  }

  #options(again: boolean): NodeOptions {
    const { isTls } = this.#address
    return nodeOptions(this.#isPasswordWanted ? this.#address : { isTls }, again)
  }

  async #ask(place: HostAndPort): Promise<Answer> {
    try {
      return await this.#askOnce(place)
    } catch (error) {
      if (this.#isPasswordWanted || !wordsOf(error).startsWith('NOAUTH')) throw error
      this.#isPasswordWanted = true
      return this.#askOnce(place)
    }
  }

  async #askOnce({ host, port }: HostAndPort): Promise<Answer> {
    const { createClient } = await import('@redis/client')
    const options = this.#options(false)
    const client = createClient({
      ...options,
      socket: { ...options.socket, connectTimeout: askMs, host, port },
    })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return answerIn(await client.sendCommand(['SENTINEL', 'MASTER', this.#place.name]))
    } finally {
      client.destroy()
    }
  }
}

/** @param reply fields and their values, in turn */
function answerIn(reply: unknown): Answer {
  const words = Array.isArray(reply) ? reply.map(String) : []
  const valueOf = (field: string): string => words[words.indexOf(field) + 1] ?? ''
  return {
    primary: { host: valueOf('ip'), port: Number(valueOf('port')) },
    epoch: Number(valueOf('config-epoch')),
  }
}
