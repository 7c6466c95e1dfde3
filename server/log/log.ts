/** The log: lines for people by default, JSON for collectors; written without ever blocking or ending the process. */
import { Socket } from 'node:net'
import { pino, stdTimeFunctions, type Logger } from 'pino'
import sonicBoom from 'sonic-boom'
import { printable } from '../text/printable.ts'

/** What may wait for a slow reader of the log, in bytes; beyond it lines are dropped. */
const maxWaitingBytes = 8 << 20

/** Requests' lines are made and written this many, or after this many milliseconds, together: one by one, they take a tenth more of a probe's cost. */
const batch = { lines: 128, milliseconds: 20 }

/** How long to wait for a reader whose pipe is full, in milliseconds. */
const fullPipeMs = 10

/** How wide an object is laid out, in characters. */
const width = 100

/** One request that was answered. */
export interface RequestLine {
  readonly client: string
  readonly method: string
  readonly url: string
  readonly status: number
  /** From the request's headers to the end of its answer. */
  readonly milliseconds: number
}

/** The process's log. */
export interface Log extends Pick<Logger, 'debug' | 'info' | 'warn' | 'error'> {
  /** Logs a request. Made by hand, since it is on the path of every one; undefined when the level leaves it out. */
  readonly request: ((line: RequestLine) => void) | undefined
  /** Resolves when every line has been written, or when it is plain that it can't be. What is logged after is dropped. */
  close(): Promise<void>
}

/** How much is logged, and in which form. */
export interface LogSettings {
  readonly logFormat: 'text' | 'json'
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** As level debug. */
  readonly debug: boolean
}

/**
 * Opens the log on standard output.
 * A closed pipe or a full disk behind it loses lines and nothing else.
 */
export function openLog({ logFormat, logLevel, debug }: LogSettings): Log {
  const out = openStdout()
  const json = logFormat === 'json'
  let closing = false
  const print = (text: string) => {
    // Requests may still end while the process does.
    if (!closing) out.write(text)
  }
  const requests = new RequestLines(json ? jsonRequest : textRequest, print)
  const write = (line: string) => {
    requests.flush()
    print(json ? printableJson(line) : readable(line))
  }
  const logger = pino(
    {
      level: debug ? 'debug' : logLevel,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  )
  const request = logger.isLevelEnabled('info') ? requests.write.bind(requests) : undefined
  const close = () => {
    requests.flush()
    closing = true
    return closed(out)
  }
  return Object.assign(logger, { request, close })
}

function openStdout(): sonicBoom.SonicBoom {
  neverWaitForReader()
  const out = new sonicBoom.SonicBoom({ fd: 1, maxLength: maxWaitingBytes, retryEAGAIN: () => false })
  let retry: NodeJS.Timeout | undefined
  out.on('error', (error: NodeJS.ErrnoException) => {
    // Any other error has nowhere to be reported: the log itself is what failed.
    if (isFull(error))
      retry ??= setTimeout(() => {
        retry = undefined
        out.write('')
      }, fullPipeMs)
  })
  out.on('close', () => {
    clearTimeout(retry)
  })
  return out
}

/**
 * Makes a write to a full pipe fail instead of wait: a thread that waits for a reader can't be ended, nor can its process.
 * A socket of Node's own does that to the pipe it is made for; it is never read or written through.
 */
function neverWaitForReader(): void {
  try {
    new Socket({ fd: 1, readable: false }).unref()
  } catch {
    // Standard output is a file or a terminal.
  }
}

const isFull = ({ code }: NodeJS.ErrnoException): boolean => code === 'EAGAIN'

function closed(out: sonicBoom.SonicBoom): Promise<void> {
  return new Promise((resolve) => {
    out.once('close', resolve)
    out.on('error', (error: NodeJS.ErrnoException) => {
      if (!isFull(error)) resolve()
    })
    out.end()
  })
}

/** Collects the requests that are to be logged, and writes them out together. */
class RequestLines {
  readonly #format: (line: RequestLine) => string
  readonly #print: (text: string) => void
  #waiting: RequestLine[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(format: (line: RequestLine) => string, print: (text: string) => void) {
    this.#format = format
    this.#print = print
  }

  write(line: RequestLine): void {
    this.#waiting.push(line)
    if (this.#waiting.length >= batch.lines) this.flush()
    else
      this.#timer ??= setTimeout(() => {
        this.flush()
      }, batch.milliseconds)
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#waiting.length > 0) this.#print(this.#waiting.map(this.#format).join(''))
    this.#waiting = []
  }
}

/** Turns pino's JSON line into one for people, dated as kuard's own lines are; only what is indented goes on below it. */
function readable(line: string): string {
  const { level, time, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>
  const severity = level === 'info' ? '' : `${String(level).toUpperCase()} `
  const details = Object.values(rest).map((value) => ` ${layOut(value)}`)
  const cause =
    err === undefined ? '' : `: ${indented((err as { stack?: string }).stack ?? JSON.stringify(err))}`
  return `${dateNow()} ${severity}${printable(String(msg))}${details.join('')}${cause}\n`
}

const indented = (text: string): string => text.split('\n').map(printable).join('\n  ')

/** An object as JSON, in as few lines as are easily read. */
function layOut(value: unknown): string {
  const fields = Object.entries(value as object).map(([name, field]) => `"${name}": ${JSON.stringify(field)}`)
  const lines: string[] = []
  for (const field of fields.map(printable)) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + field.length < width)
      lines[lines.length - 1] = `${last}, ${field}`
    else lines.push(field)
  }
  return lines.length > 1 ? `{\n  ${lines.join(',\n  ')}\n}` : `{ ${lines.join('')} }`
}

function textRequest({ client, method, url, status, milliseconds }: RequestLine): string {
  return `${dateNow()} ${client} ${method} ${printable(url)} ${status} ${milliseconds.toFixed(1)}ms\n`
}

/** A line of JSON and its end; JSON itself lets some control characters be. */
const printableJson = (line: string): string => `${printable(line.trimEnd())}\n`

function jsonRequest({ client, method, url, status, milliseconds }: RequestLine): string {
  const time = new Date().toISOString()
  const strings = `"client":${JSON.stringify(client)},"method":${JSON.stringify(method)},"url":${printable(JSON.stringify(url))}`
  return `{"level":"info","time":"${time}",${strings},"status":${status},"milliseconds":${milliseconds.toFixed(1)},"msg":"request"}\n`
}

let dated = { second: 0, text: '' }

/** Local date and time to the second, `2026/11/21 01:46:20`, made once each second. */
function dateNow(): string {
  const second = Math.floor(Date.now() / 1000)
  if (second !== dated.second) {
    const now = new Date(second * 1000)
    const date = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map(twoDigits).join('/')
    const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(twoDigits).join(':')
    dated = { second, text: `${date} ${time}` }
  }
  return dated.text
}

const twoDigits = (part: number): string => String(part).padStart(2, '0')
