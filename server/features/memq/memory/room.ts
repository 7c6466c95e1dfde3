/** What queues take of this process's memory, and how much they may. */
import { RefusedError } from '../store.ts'
import type { TraceContext } from '../../../tracing/trace-context.ts'

/**
 * What one of each adds to the process's resident size beside its text, in bytes. Measured on 300,000 of them with Node 26 and
 * rounded up: on the heap they are 440, 180, 440, 70, 240 to 440 for a history of few or of 20 events, 170, and 100, and V8
 * keeps room to spare.
 */
export const overhead = {
  queue: 1024,
  message: 300,
  lease: 450,
  delay: 100,
  history: 450,
  death: 250,
  trace: 100,
}

/** What a text takes of the heap, in bytes: V8 keeps two for each character as soon as one of them needs it. */
export const textBytes = (text: string): number =>
  Buffer.byteLength(text) === text.length ? text.length : 2 * text.length

/** What a message takes of the room when it is put in; with a trace it has a history at once. */
export const bytesOfMessage = (body: string, trace: TraceContext | undefined): number =>
  overhead.message + textBytes(body) + (trace ? bytesOfTrace(trace) : 0)

const bytesOfTrace = ({ traceparent, tracestate = '' }: TraceContext): number =>
  overhead.history + overhead.trace + traceparent.length + tracestate.length

/** The account of all that a store keeps, in bytes. */
export class Room {
  readonly #maxBytes: number
  #taken = 0

  /** @param maxBytes as `--memq-max-bytes` */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** @throws RefusedError `full`, and nothing is taken */
  take(bytes: number): void {
    if (this.#taken + bytes > this.#maxBytes) {
      const words = `the queues are full: ${this.#taken} of --memq-max-bytes=${this.#maxBytes} are taken, and this would take ${bytes} more`
      throw new RefusedError('full', words)
    }
    this.#taken += bytes
  }

  /** Takes what has to be kept even where all is taken. */
  overdraw(bytes: number): void {
    this.#taken += bytes
  }

  free(bytes: number): void {
    this.#taken -= bytes
  }
}
