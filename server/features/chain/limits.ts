/** How far a chain goes: each request says how deep it is, and how many calls may be made on its behalf. */
import type { IncomingHttpHeaders } from 'node:http'

/** Calls from the first to the last, one within the other; what goes on for longer is a loop. */
export const maxHops = 8

/** Calls that one request may lead to in all, by whomever they are made: a loop of pods that have two upstreams each doubles with each step. */
const maxCalls = 256

/** What all upstreams' answers to one request may take, in bytes; what 256 calls say of themselves takes an eighth. */
const maxBytes = 1 << 20

/** How long the first waits for its upstreams, and how much less the next: whoever is too slow is told of by its caller, not by a caller's caller. */
const firstWaitMs = 10_000
const lessMs = 1000

/** What upstreams are asked for one request. */
export interface Plan {
  /** How many of them. */
  readonly count: number
  /** Why not all, if so. */
  readonly stopped: string | null
  readonly timeoutMs: number
  /** For each. */
  readonly maxBytes: number
  /** For each. */
  readonly headers: Readonly<Record<string, string>>
}

/** @param upstreams how many there are */
export function planFor(headers: IncomingHttpHeaders, upstreams: number): Plan {
  const hops = numberIn(headers['kuard-hops'], 0)
  const calls = Math.min(numberIn(headers['kuard-calls'], maxCalls), maxCalls)
  const count = hops >= maxHops ? 0 : Math.min(upstreams, calls)
  // What is left for each; with none asked there is none to share.
  const share = Math.floor((calls - count) / Math.max(count, 1))
  return {
    count,
    stopped: count === upstreams ? null : hops >= maxHops ? tooDeep : tooMany(count, upstreams),
    timeoutMs: firstWaitMs - hops * lessMs,
    maxBytes: Math.floor(maxBytes / Math.max(count, 1)),
    headers: { 'kuard-hops': String(hops + 1), 'kuard-calls': String(share) },
  }
}

const tooDeep = `it is ${maxHops} calls deep here, as in a loop of upstreams: nobody further was asked`
const tooMany = (count: number, upstreams: number) =>
  `${count} of ${upstreams} upstreams were asked: one request leads to no more than ${maxCalls} calls`

/** What is no number is another program's, and counts for nothing. */
const numberIn = (header: string | string[] | undefined, otherwise: number): number =>
  typeof header === 'string' && /^\d{1,3}$/.test(header) ? Number(header) : otherwise
