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
  /** Of a gRPC call, which has a status of its own: its name. */
  readonly rpcStatus?: string
  /** Whether that says that the server failed. */
  readonly rpcFailed?: boolean
  /** From the request's headers to the end of its answer. */
  readonly milliseconds: number
  /** Where it is traced. */
  readonly trace?: { readonly traceId: string; readonly spanId: string } | undefined
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
export const clippedUrl = (url: string): string => clipped(url, 8_192)

/** And so is whom it claims to ask for. */
export const clippedClaim = (claimed: string): string => clipped(claimed, 256)

/** A request's line for people. */
export function textRequest(line: RequestLine): string {
  const { time, client, method, url, claimed, status, rpcStatus, milliseconds, trace } = line
  const asked = `${localTime(time)} ${client} ${method} ${printable(clippedUrl(url))} ${rpcStatus ?? status} ${toTenths(milliseconds)}ms`
  const whose = claimed === undefined ? '' : printable(`, claimed to be for ${clippedClaim(claimed)}`)
  return trace ? `${asked}${whose} trace=${trace.traceId}\n` : `${asked}${whose}\n`
}

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
