/** Looks up names of a user's choosing as programs do, in /etc/hosts and DNS: by getaddrinfo, which keeps a thread for as long as name servers like. */
import { lookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { gates } from './gate.ts'

/** As dns.lookup, for node:net, a few at a time. */
export const lookUp: LookupFunction = (name, options, callback) => {
  gates.names
    .run(() => lookup(name, { ...options, all: true }))
    .then(
      (found) => {
        const [first] = found
        if (options.all || !first) callback(null, found)
        else callback(null, first.address, first.family)
      },
      (error: unknown) => {
        callback(error as Error, '')
      },
    )
}
