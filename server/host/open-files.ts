/** Files and sockets that this process has open, and may have. */
import { opendir, stat } from 'node:fs/promises'
import { readText } from './kernel-files.ts'

/** As many as a process may have open; null is no limit, or not known. */
export interface OpenFilesLimit {
  readonly soft: number | null
  readonly hard: number | null
}

/** From /proc/self/limits: `Max open files   1024   524288   files`. */
export async function readOpenFilesLimit(): Promise<OpenFilesLimit> {
  const [, soft, hard] =
    /^Max open files\s+(\S+)\s+(\S+)/m.exec((await readText('/proc/self/limits')) ?? '') ?? []
  const limit = (text: string | undefined) => (text !== undefined && /^\d+$/.test(text) ? Number(text) : null)
  return { soft: limit(soft), hard: limit(hard) }
}

/** How many it has open; null where the system doesn't tell. */
export async function countOpenFiles(): Promise<number | null> {
  try {
    // Since Linux 6.2 the folder's size is their number (proc_pid_fd(5)); before that it is 0.
    const { size } = await stat('/proc/self/fd')
    if (size > 0) return size
    let count = 0
    const folder = await opendir('/proc/self/fd', { bufferSize: 1024 })
    while (await folder.read()) count += 1
    await folder.close()
    // That of the folder itself is closed again.
    return count - 1
  } catch {
    return null
  }
}
