/** The lines of requests: made by hand and written together under load, since they are on the path of every request. */
import { printable } from '../text/printable.ts'
import { localTime } from './local-time.ts'

/**
 * Under load this many lines, or what comes within this many milliseconds, are written together: one by one, they take a tenth
 * more of a probe's cost. So many writes in that time are no load yet.
 */
const batch = { lines: 128, milliseconds: 20, eagerWrites: 4 }

/** One request that was answered. */
export interface RequestLine {
  /** When its answer was over, in milliseconds since 1970. */
  readonly time: number
  readonly client: string
  readonly method: string
  readonly url: string
  /** For whom the client says that it asks, X-Forwarded-For; anyone can send it. */
  readonly claimed?: string | undefined
  readonly status: number
  /** From the request's headers to the end of its answer. */
  readonly milliseconds: number
}

/** Collects the requests that are to be logged: written at the end of their turn, and together under load. */
export class RequestLines {
  readonly #format: (line: RequestLine) => string
  readonly #print: (text: string) => void
  #waiting: RequestLine[] = []
  #flushesSoon = false
  #spanBegan = 0
  #writesInSpan = 0

  constructor(format: (line: RequestLine) => string, print: (text: string) => void) {
    this.#format = format
    this.#print = print
  }

  readonly write = (line: RequestLine): void => {
    this.#waiting.push(line)
    if (this.#waiting.length >= batch.lines) this.flush()
    else if (!this.#flushesSoon) this.#flushSoon(line.time)
  }

  /** Writes those that wait. */
  flush(): void {
    if (this.#waiting.length === 0) return
    let text = ''
    for (const line of this.#waiting) text += this.#format(line)
    this.#print(text)
    this.#waiting = []
  }

  #flushSoon(now: number): void {
    this.#flushesSoon = true
    // The clock may be set back.
    if (Math.abs(now - this.#spanBegan) > batch.milliseconds) {
      this.#spanBegan = now
      this.#writesInSpan = 0
    }
    this.#writesInSpan += 1
    if (this.#writesInSpan <= batch.eagerWrites) setImmediate(this.#flushNow)
    else setTimeout(this.#flushNow, batch.milliseconds)
  }

  readonly #flushNow = (): void => {
    this.#flushesSoon = false
    this.flush()
  }
}

/** A longer address is cut, in characters: it is the client's to choose. */
const maxUrl = 8_192
const maxClaimed = 256

/** A request's line for people. */
export function textRequest(line: RequestLine): string {
  const { time, client, method, url, claimed, status, milliseconds } = line
  const asked = `${localTime(time)} ${client} ${method} ${printable(clipped(url, maxUrl))} ${status} ${toTenths(milliseconds)}ms`
  return claimed === undefined
    ? `${asked}\n`
    : `${asked}${printable(`, claimed to be for ${clipped(claimed, maxClaimed)}`)}\n`
}

/** A request's line for collectors. */
export function jsonRequest(line: RequestLine): string {
  const { time, client, method, url, claimed, status, milliseconds } = line
  const whose = claimed === undefined ? '' : `,"claimedFor":${jsonText(clipped(claimed, maxClaimed))}`
  const strings = `"client":${JSON.stringify(client)},"method":${JSON.stringify(method)},"url":${jsonText(clipped(url, maxUrl))}${whose}`
  return `{"level":"info","time":"${new Date(time).toISOString()}",${strings},"status":${status},"milliseconds":${toTenths(milliseconds)},"msg":"request"}\n`
}

const jsonText = (text: string): string => printable(JSON.stringify(text))

const clipped = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length)}…` : text

/** Times below a tenth of a second that were written before, by their tenths: nearly all are, and to write one takes as long as the rest of a line. */
const shortTimes: string[] = []

/** As toFixed(1), which takes twice as long. */
function toTenths(milliseconds: number): string {
  const tenths = Math.round(milliseconds * 10)
  return tenths < 1_000 ? (shortTimes[tenths] ??= writtenTenths(tenths)) : writtenTenths(tenths)
}

function writtenTenths(tenths: number): string {
  return `${Math.floor(tenths / 10)}.${tenths % 10}`
}
