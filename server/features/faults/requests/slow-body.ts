/** Answers whose bodies come slowly, so many bytes a second. */
import type { ServerResponse } from 'node:http'
import { countOf } from '../../../text/count.ts'
import type { MakeFault } from '../action.ts'
import { Held } from './held.ts'
import { requestFault } from './request-fault.ts'
import type { RequestFault } from './touch.ts'
import { writeThrough, type Original, type Writer } from './writing.ts'

/** Written at once at most, in bytes: little enough that the response always takes it. */
const sliceBytes = 8 << 10

/** The least time between two slices of which the second isn't due yet, in milliseconds. */
const pauseMs = 20

/** A body that is sent at a pace. */
class Paced implements Writer {
  readonly #response: ServerResponse
  readonly #original: Original
  #bytesPerSecond: number
  readonly #waiting: { readonly bytes: Buffer; readonly done: () => void }[] = []
  #isSending = false
  #isEnding = false
  #timer: NodeJS.Timeout | undefined
  /** From when on is counted what may be sent, and what was sent since. */
  #began = 0
  #sent = 0

  constructor(response: ServerResponse, original: Original, bytesPerSecond: number) {
    this.#response = response
    this.#original = original
    this.#bytesPerSecond = bytesPerSecond
    response.once('close', () => {
      clearTimeout(this.#timer)
    })
  }

  write(bytes: Buffer, done: () => void): boolean {
    this.#waiting.push({ bytes, done })
    if (!this.#isSending) {
      this.#isSending = true
      this.#began = performance.now()
      this.#sent = 0
      this.#send()
    }
    return false
  }

  end(): void {
    this.#isEnding = true
    if (!this.#isSending) this.#original.end()
  }

  /** The rest comes as fast as can be. */
  hurry(): void {
    this.#bytesPerSecond = Infinity
    if (this.#timer === undefined) return
    clearTimeout(this.#timer)
    this.#send()
  }

  readonly #send = (): void => {
    this.#timer = undefined
    const [first] = this.#waiting
    if (!first) {
      this.#rest()
      return
    }
    const size = Math.min(this.#allowance, sliceBytes, first.bytes.length)
    if (size < 1) {
      this.#timer = setTimeout(this.#send, Math.max(pauseMs, 1000 / this.#bytesPerSecond))
      return
    }
    this.#sent += size
    const rest = first.bytes.subarray(size)
    if (rest.length > 0) this.#waiting[0] = { ...first, bytes: rest }
    else this.#waiting.shift()
    this.#original.write(first.bytes.subarray(0, size), () => {
      if (rest.length === 0) first.done()
      this.#send()
    })
  }

  #rest(): void {
    this.#isSending = false
    if (this.#isEnding) this.#original.end()
    else this.#response.emit('drain')
  }

  /** How many bytes may be sent now. */
  get #allowance(): number {
    if (this.#bytesPerSecond === Infinity) return Infinity
    const seconds = (performance.now() - this.#began) / 1000
    return Math.floor(seconds * this.#bytesPerSecond) - this.#sent
  }
}

/** Sends the body of an answer at this pace. */
export const pacing =
  (bytesPerSecond: number, held: Held): RequestFault['touch'] =>
  ({ request, response, mark }) => {
    mark(`slow-body=${bytesPerSecond}B/s`)
    if (request.method === 'HEAD') return
    writeThrough(response, (original) => {
      const paced = new Paced(response, original, bytesPerSecond)
      const forget = held.add(() => {
        paced.hurry()
      })
      response.once('close', forget)
      return paced
    })
  }

export const makeSlowBody: MakeFault<'slow-body'> = (order) => {
  const { bytesPerSecond } = order
  const held = new Held()
  return requestFault(
    order,
    { bytesPerSecond },
    (requests) => `sends the answers to ${requests} at ${countOf(bytesPerSecond, 'byte')} a second`,
    pacing(bytesPerSecond, held),
    () => {
      held.end()
    },
  )
}
