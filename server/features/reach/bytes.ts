/** Reading what a server says first, no more of it than is needed. */
import type { Duplex } from 'node:stream'
import { Ended } from './ended.ts'

/** More is never read, in bytes. */
const most = 4096

/**
 * Reads until there is enough, or as much as is ever read.
 * @param isEnough is asked about all that has come
 * @throws Ended when the other side ends before
 */
export async function readUntil(socket: Duplex, isEnough: (bytes: Buffer) => boolean): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  let bytes = Buffer.alloc(0)
  const take = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]).subarray(0, most)
    if (bytes.length === most || isEnough(bytes)) resolve(bytes)
  }
  const end = () => {
    const said = bytes.length === 0 ? 'said anything' : 'said all of it'
    reject(new Ended('cut off', `the server closed the connection before it had ${said}`))
  }
  socket.on('data', take).on('end', end).on('close', end).on('error', reject)
  // Who read before has paused it.
  socket.resume()
  try {
    return await promise
  } finally {
    // Who reads on takes it from here.
    socket.pause()
    socket.off('data', take).off('end', end).off('close', end).off('error', reject)
  }
}

/** Up to the end of the first line. */
export async function readLine(socket: Duplex): Promise<string> {
  const bytes = await readUntil(socket, (read) => read.includes('\n'))
  const [line = ''] = bytes.toString().split(/\r?\n/)
  return line.slice(0, 500)
}

/** An answer of one line of words. */
export const answerOf = (statusWords: string) => ({
  status: null,
  statusWords,
  location: null,
  headers: [],
  body: '',
  bodyIsCut: false,
})
