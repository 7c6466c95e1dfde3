/** A file's bytes. Its size is only believed where it is true: under /proc it is 0, under /sys 4096, whatever there is to read. */
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { Place } from './tree.ts'
import type { Turns } from './turns.ts'

const chunkBytes = 64 * 1024

/** What a file has in it, with its beginning read already. */
export class Content {
  /** The first bytes, all of them if the file is shorter than 64 KiB. */
  readonly head: Buffer
  /** In bytes; undefined when only reading to the end tells. */
  readonly size: number | undefined
  /** Undefined where the time says nothing about the content, as under /proc. */
  readonly modified: Date | undefined
  readonly #handle: FileHandle
  readonly #turns: Turns

  private constructor(head: Buffer, isWhole: boolean, { stats }: Place, handle: FileHandle, turns: Turns) {
    this.head = head
    this.size = isWhole ? head.length : stats.size > head.length ? stats.size : undefined
    const isTrue = stats.size > 0 && stats.size === this.size && !Number.isNaN(stats.mtime.getTime())
    this.modified = isTrue ? stats.mtime : undefined
    this.#handle = handle
    this.#turns = turns
  }

  /**
   * Opens a regular file and reads its beginning. The caller closes it.
   * @throws Refusal when it may not or can not be read
   */
  static async open(place: Place, turns: Turns): Promise<Content> {
    const opening = () => open(place.path, constants.O_RDONLY | constants.O_NONBLOCK)
    const handle = await turns.run(opening, (late) => turns.close(late))
    try {
      const { size } = place.stats
      // One byte more than its size tells whether that is true.
      const buffer = Buffer.allocUnsafe(size > 0 ? Math.min(size + 1, chunkBytes) : chunkBytes)
      let length = 0
      while (length < buffer.length) {
        const bytesRead = await turns.run(() => readSome(handle, buffer.subarray(length), null))
        if (bytesRead === 0) break
        length += bytesRead
      }
      return new Content(buffer.subarray(0, length), length < buffer.length, place, handle, turns)
    } catch (error) {
      void turns.close(handle)
      throw error
    }
  }

  /**
   * Some of its bytes.
   * @param first of a known size; ignored for an unknown one, which is read to its end
   * @param last the last byte that is wanted
   */
  bytes(first: number, last: number): Buffer | Readable {
    const { head, size } = this
    if (size === undefined) return Readable.from(this.#toItsEnd(), { objectMode: false })
    if (size === head.length) return head.subarray(first, last + 1)
    return Readable.from(this.#between(first, last), { objectMode: false })
  }

  /** Must be called, whatever happens. */
  close(): Promise<void> {
    return this.#turns.close(this.#handle)
  }

  async *#between(first: number, last: number): AsyncGenerator<Buffer> {
    for (let at = first; at <= last;) {
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, last - at + 1))
      const position = at
      const bytesRead = await this.#turns.run(() => readSome(this.#handle, buffer, position))
      // The length was announced, so the client must not take this for the end.
      if (bytesRead === 0) throw new Error('the file became shorter while it was read')
      yield buffer.subarray(0, bytesRead)
      at += bytesRead
    }
  }

  async *#toItsEnd(): AsyncGenerator<Buffer> {
    yield this.head
    for (;;) {
      const buffer = Buffer.allocUnsafe(chunkBytes)
      const bytesRead = await this.#turns.run(() => readSome(this.#handle, buffer, null))
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  }
}

/** @param position null to go on where the last read ended */
async function readSome(handle: FileHandle, buffer: Buffer, position: number | null): Promise<number> {
  try {
    return (await handle.read(buffer, 0, buffer.length, position)).bytesRead
  } catch (error) {
    // A file that waits for news, such as /proc/kmsg, has told all that there is.
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0
    throw error
  }
}
