/** One client's event stream, which never holds more for its client than what is being written. */
import type { ServerResponse } from 'node:http'
import type { Channel, Viewer } from './channel.ts'
import { frameOf } from './frame.ts'
import { Pace } from './pace.ts'

/** A client that has taken nothing for so long is gone, in milliseconds. */
const patienceMs = 120_000

/** An event and not a comment, since a browser's script is told of no comment. */
const heartbeat = frameOf('heartbeat', null)

/** How a stream is to be. */
export interface StreamOptions {
  /** The first event. */
  readonly hello: Buffer
  /** What it may bring over time, in bytes a second. */
  readonly bytesPerSecond: number
  /** When it ends by itself: as soon as so many channels have been told; undefined for never. */
  readonly endsAfter: number | undefined
}

/**
 * Writes only when all that was written before has left for the network, and no more than its pace allows. What changes
 * meanwhile is remembered by name, so a slow client gets the latest state and not the ones between.
 */
export class EventStream implements Viewer {
  readonly #response: ServerResponse
  readonly #pace: Pace
  readonly #endsAfter: number | undefined
  readonly #wantTurn: (stream: EventStream) => void
  readonly #due = new Set<Channel>()
  /** The edition of each that the client has. */
  readonly #told = new Map<Channel, number>()
  /** What is being written, but for the piece that is under way. */
  readonly #pieces: Buffer[] = []
  #beatDue = false
  #isEnding = false
  /** When the write began that has not ended yet. */
  #writingSince: number | undefined
  /** Runs while it has brought more than its pace allows. */
  #rest: NodeJS.Timeout | undefined

  /**
   * @param response whose headers are set
   * @param wantTurn asks for a call of `flush` soon
   */
  constructor(
    response: ServerResponse,
    { hello, bytesPerSecond, endsAfter }: StreamOptions,
    wantTurn: (stream: EventStream) => void,
  ) {
    this.#response = response
    this.#pace = new Pace(bytesPerSecond)
    this.#endsAfter = endsAfter
    this.#wantTurn = wantTurn
    response.once('close', () => {
      clearTimeout(this.#rest)
    })
    this.#write([hello])
    this.#endIfDone()
  }

  show(channel: Channel): void {
    this.#due.add(channel)
    if (this.#writingSince === undefined && !this.#rest) this.#wantTurn(this)
  }

  /** Says that the connection is alive, or finds that it isn't. */
  beat(): void {
    if (this.#writingSince === undefined) {
      this.#beatDue = true
      this.#wantTurn(this)
    } else if (performance.now() - this.#writingSince > patienceMs) {
      this.destroy()
    }
  }

  /** Writes what is due, if the client has taken all there was before. */
  flush(): void {
    const { writableEnded, destroyed } = this.#response
    if (this.#writingSince !== undefined || writableEnded || destroyed) return
    const frames = this.#rest ? [] : this.#takeDue()
    if (this.#beatDue) frames.push(heartbeat)
    this.#beatDue = false
    if (frames.length > 0) this.#write(frames)
    this.#endIfDone()
  }

  /** Ends it with what is due. */
  end(): void {
    this.flush()
    this.#finish()
  }

  destroy(): void {
    this.#response.destroy()
  }

  #takeDue(): Buffer[] {
    const frames: Buffer[] = []
    for (const channel of this.#due) {
      const told = channel.since(this.#told.get(channel) ?? 0)
      this.#told.set(channel, told.edition)
      frames.push(...told.frames)
    }
    this.#due.clear()
    return frames
  }

  #endIfDone(): void {
    if (this.#endsAfter === this.#told.size) this.#finish()
  }

  /** Ends it when all has been written. */
  #finish(): void {
    this.#isEnding = true
    if (this.#writingSince === undefined) this.#response.end()
  }

  /** Small frames go in one piece; between those of large ones others have their turn, probes before all. */
  #write(pieces: readonly Buffer[]): void {
    this.#pieces.push(...packed(pieces))
    this.#writeNext()
  }

  readonly #writeNext = (): void => {
    const piece = this.#pieces.shift()
    if (!piece) return
    this.#writingSince = performance.now()
    this.#response.write(piece, () => {
      const restMs = this.#pace.restAfter(piece.length)
      if (this.#pieces.length > 0) {
        setImmediate(this.#writeNext)
        return
      }
      this.#writingSince = undefined
      clearTimeout(this.#rest)
      if (this.#isEnding) this.#response.end()
      else if (restMs > 0) this.#rest = setTimeout(this.#goOn, restMs)
      else this.#goOn()
    })
  }

  readonly #goOn = (): void => {
    this.#rest = undefined
    if (this.#due.size > 0) this.#wantTurn(this)
  }
}

/** What is written at once, in bytes. */
const packetBytes = 1 << 16

/** Puts together what fits into one packet. */
function packed(pieces: readonly Buffer[]): Buffer[] {
  const packets: Buffer[][] = []
  let room = 0
  for (const piece of pieces) {
    const last = packets.at(-1)
    room -= piece.length
    if (last && room >= 0) {
      last.push(piece)
    } else {
      packets.push([piece])
      room = packetBytes - piece.length
    }
  }
  return packets.map((packet) => Buffer.concat(packet))
}
