/** TCP connections to all addresses of a target at once: the first that stands is spoken on, and what came of the others is told too. */
import { connect as connectTo, type Socket } from 'node:net'
import { Ended } from './ended.ts'
import { endpoint } from './target.ts'
import type { Trail } from './trail.ts'
import type { ReachEnd, ReachReport } from './wire.ts'

/** One address, and what came of it. */
export type Address = ReachReport['addresses'][number]

/** How long the others have once one stands, in milliseconds. */
const othersMs = 300

/** When none stands: what is told, the first of these that came of one. */
const telling: readonly ReachEnd[] = ['timed out', 'refused', 'cut off', 'not allowed', 'unreachable']

/** Connections that are being made. */
export interface Connecting {
  /** The first that stands; rejects with Ended when none does. */
  readonly first: Promise<Socket>
  /** Resolves when it is known of each address what came of it. */
  readonly all: Promise<unknown>
}

/**
 * Connects to each address, and fills in what came of it.
 * @param refusal says why an address isn't connected to; undefined if it is
 */
export function connectToAll(
  addresses: readonly Address[],
  port: number,
  trail: Trail,
  refusal: (address: string) => string | undefined,
): Connecting {
  const others = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const tries = addresses.map(async (address) => {
    const refused = refusal(address.address)
    try {
      if (refused !== undefined) throw new Ended('not allowed', refused)
      const socket = await connectToOne(address.address, port, trail, others.signal)
      Object.assign(address, { end: 'reached', words: 'connected' })
      timer ??= setTimeout(() => {
        others.abort()
      }, othersMs)
      return socket
    } catch (error) {
      // Of what was given up nobody knows where it would have ended.
      const { end, message } = error as Ended
      Object.assign(address, { end: others.signal.aborted ? null : end, words: message })
      throw error
    }
  })
  const first = Promise.any(tries).catch((error: unknown) => {
    throw noneOf((error as AggregateError).errors as Ended[], addresses, port)
  })
  const all = Promise.allSettled(tries).then(() => {
    clearTimeout(timer)
  })
  return { first, all }
}

function connectToOne(host: string, port: number, trail: Trail, others: AbortSignal): Promise<Socket> {
  const work = async () => {
    // An address, so that nothing is looked up again: what was checked is what is connected to.
    const socket = trail.keep(connectTo({ host, port }))
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    socket.once('connect', resolve).once('error', reject)
    others.addEventListener('abort', () => {
      if (socket.connecting) socket.destroy()
    })
    await promise
    return [socket, 'connected'] as const
  }
  return trail.step('connect', endpoint(host, port), work, others)
}

/** Why no address could be connected to. */
function noneOf(ended: readonly Ended[], addresses: readonly Address[], port: number): Ended {
  const end = telling.find((one) => ended.some((other) => other.end === one)) ?? 'unreachable'
  const words = addresses.map(({ address, words }) => `${endpoint(address, port)}: ${words}`)
  const more = words.length > 3 ? ` and ${words.length - 3} more` : ''
  return new Ended(end, words.slice(0, 3).join('; ') + more)
}
