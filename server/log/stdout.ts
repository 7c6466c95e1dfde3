/** Standard output, written to without ever blocking or ending the process; lines that find no room are counted. */
import { fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import { isatty } from 'node:tty'
import sonicBoom from 'sonic-boom'

/** What may wait for a slow reader, in bytes; beyond it text is dropped. */
const maxWaitingBytes = 8 << 20

/** How long to wait for a reader whose pipe is full, in milliseconds. */
const fullPipeMs = 10

/** Where the log's lines go. A closed pipe or a full disk behind it loses lines and nothing else. */
export class Stdout {
  readonly #lineOnDropped: (lines: number) => string
  readonly #out: sonicBoom.SonicBoom
  #triesSoon = false
  #closing = false
  /** Whether something has been handed over that may not be written yet. */
  #waits = false
  #refusals = 0
  #droppedLines = 0

  /** @param lineOnDropped says in a line of the log that so many lines are missing before it */
  constructor(lineOnDropped: (lines: number) => string) {
    this.#lineOnDropped = lineOnDropped
    neverWaitForReader()
    this.#out = new sonicBoom.SonicBoom({
      fd: 1,
      // To have one of libuv's threads write costs more than the rest of a request's line.
      sync: writesAtOnce(),
      maxLength: maxWaitingBytes,
      retryEAGAIN: () => false,
    })
    this.#out.on('error', (error: NodeJS.ErrnoException) => {
      // Any other error has nowhere to be reported: the log itself is what failed.
      if (!isFull(error) || this.#triesSoon) return
      this.#triesSoon = true
      setTimeout(this.#writeAgain, fullPipeMs)
    })
    this.#out.on('drop', () => (this.#refusals += 1))
    this.#out.on('drain', () => {
      this.#waits = false
      this.#write('')
    })
  }

  /** Writes whole lines, all of them or, where too much waits already, none. */
  write(lines: string): void {
    // Requests may still end while the process does.
    if (this.#closing || this.#write(lines)) return
    this.#droppedLines += lines.match(/\n/g)?.length ?? 0
  }

  /**
   * Resolves when everything has been written, or when it is plain that it can't be. What is written after is dropped. Not by the library's
   * own end: it asks for fsync, which the permissions of the image deny, and then it never ends.
   */
  close(): Promise<void> {
    this.#closing = true
    if (!this.#waits) return Promise.resolve()
    return new Promise((resolve) => {
      this.#out.on('drain', () => {
        if (!this.#waits) resolve()
      })
      this.#out.on('error', (error: NodeJS.ErrnoException) => {
        if (!isFull(error)) resolve()
      })
    })
  }

  /** @returns whether there was room; what was dropped before is told first, with this or not at all */
  #write(lines: string): boolean {
    const text = this.#droppedLines === 0 ? lines : this.#lineOnDropped(this.#droppedLines) + lines
    if (text === '') return true
    const before = this.#refusals
    this.#waits = true
    this.#out.write(text)
    const isRoom = this.#refusals === before
    if (isRoom) this.#droppedLines = 0
    return isRoom
  }

  readonly #writeAgain = (): void => {
    this.#triesSoon = false
    this.#out.write('')
  }
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

/** Whether a write can't take time: to what doesn't wait for its reader, or to /dev/null. A disk may, and a terminal that was stopped. */
function writesAtOnce(): boolean {
  try {
    const stats = fstatSync(1)
    return stats.isFIFO() || stats.isSocket() || (stats.isCharacterDevice() && !isatty(1))
  } catch {
    return false
  }
}

const isFull = ({ code }: NodeJS.ErrnoException): boolean => code === 'EAGAIN'
