/** Stands between a response and whoever writes it, be that Fastify or another hand. */
import type { ServerResponse } from 'node:http'

type Done = (error?: Error | null) => void
type Chunk = string | Uint8Array | null | undefined

/** What is written comes here in place of the response's own `write` and `end`. */
export interface Writer {
  /** @returns whether more may be written at once; if not, the response has to emit `drain` later */
  write(bytes: Buffer, done: () => void): boolean
  end(): void
}

/** The response's own, for the writer to use. */
export interface Original {
  write(bytes: Buffer, done: () => void): void
  end(): void
}

/** @param makeWriter is given the response's own `write` and `end` */
export function writeThrough(response: ServerResponse, makeWriter: (original: Original) => Writer): void {
  const write = response.write.bind(response)
  const end = response.end.bind(response)
  const writer = makeWriter({
    write: (bytes, done) => void write(bytes, done),
    end: () => void end(),
  })
  const take = (chunk: Chunk, encoding: unknown, done: Done | null | undefined): boolean => {
    const bytes =
      typeof chunk === 'string'
        ? Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8')
        : Buffer.from(chunk ?? [])
    return bytes.length === 0 || writer.write(bytes, () => done?.())
  }
  // As http.ServerResponse has them: each argument behind the first may be left out.
  Object.assign(response, {
    write: (chunk: Chunk, encoding?: unknown, done?: Done | null) =>
      take(chunk, encoding, typeof encoding === 'function' ? (encoding as Done) : done),
    end(chunk?: Chunk | Done, encoding?: unknown, done?: Done | null) {
      const ended = [chunk, encoding, done].find((argument) => typeof argument === 'function')
      if (ended) response.once('finish', ended as Done)
      if (typeof chunk !== 'function') take(chunk, encoding, undefined)
      writer.end()
      return response
    },
  })
}
