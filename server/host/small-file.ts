/** Files that are small where they are what they should be: whatever else is there is refused, and neither waited for nor read whole. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/**
 * The text of a file.
 * @param maxBytes that it may have
 * @throws Error that says why it can't be read: that of node:fs, or that it is no file, or too large
 */
export async function readSmallFile(path: string, maxBytes: number): Promise<string> {
  // A FIFO would keep a thread waiting for who writes.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw new Error('it is no regular file')
    if (stats.size > maxBytes) throw new Error(`it has more than ${maxBytes / 1024} KiB`)
    // What a file grows by meanwhile is left.
    const { buffer, bytesRead } = await file.read(Buffer.alloc(stats.size), 0, stats.size, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}
