/** The addresses that a name stands for, looked up at most once a second, and taken in turn. */
import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { lookUp } from '../../client/address.ts'

/** How long what was found, or why nothing was, is good for, in milliseconds. */
const freshMs = 1000

/** How long it is taken while the name is looked up again; what is older may be of pods that are long gone. */
const staleMs = 5000

/** What a look-up came to. */
type Found = readonly LookupAddress[] | Error

/** The addresses of one name. */
export class Addresses {
  #found: Found | undefined
  #lookedUpAt = -Infinity
  #pending: Promise<Found> | undefined
  #turn = 0

  /**
   * As dns.lookup, for node:net. While a name is looked up again, what was found lately is taken, so that of many requests none waits
   * for a name server but the first. Of another family than the first address one is added, for node:net to fall back to (RFC 8305).
   */
  readonly lookUp: LookupFunction = (name, { all }, callback) => {
    void this.#latest(name).then((found) => {
      if (found instanceof Error) {
        callback(found, '')
        return
      }
      const [first, ...others] = this.#inTurn(found)
      if (all === true || !first) callback(null, first ? [first, ...others] : [])
      else callback(null, first.address, first.family)
    })
  }

  async #latest(name: string): Promise<Found> {
    const age = performance.now() - this.#lookedUpAt
    if (age >= freshMs) this.#pending ??= this.#ask(name)
    return (age < staleMs ? this.#found : this.#pending) ?? []
  }

  async #ask(name: string): Promise<Found> {
    const { promise, resolve } = Promise.withResolvers<Found>()
    lookUp(name, { all: true }, (error, found) => {
      resolve(error ?? (found as LookupAddress[]))
    })
    this.#found = await promise
    this.#lookedUpAt = performance.now()
    this.#pending = undefined
    return this.#found
  }

  #inTurn(found: readonly LookupAddress[]): LookupAddress[] {
    const family = found[0]?.family
    const alike = found.filter((address) => address.family === family)
    const other = found.find((address) => address.family !== family)
    const chosen = alike[this.#turn++ % alike.length]
    return [chosen, other].filter((address) => address !== undefined)
  }
}
