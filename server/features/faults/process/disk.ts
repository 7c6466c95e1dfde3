/** Disk space that is taken, in a file without a name, so that it is given back however the process ends. */
import { randomBytes, randomUUID } from 'node:crypto'
import { open, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { gates } from '../../../host/gate.ts'
import type { FaultAction, FaultListener, MakeFault } from '../action.ts'
import type { FaultOrder } from '../wire.ts'

const mebibyte = 2 ** 20

/** Fills a folder's file system, with bytes that can't be compressed. */
export const makeDisk: MakeFault<'disk'> = ({ folder = '/tmp', mib, seconds = 0 }, listener) =>
  new Disk({ folder, mib, seconds }, listener)

class Disk implements FaultAction {
  readonly words: string
  readonly order: Required<FaultOrder<'disk'>>
  readonly seconds: number
  problem: string | undefined
  readonly #changed: () => void
  #filling: Promise<void> | undefined
  #file: FileHandle | undefined
  #written = 0
  #hasEnded = false

  constructor(order: Required<FaultOrder<'disk'>>, { changed }: FaultListener) {
    this.order = order
    this.seconds = order.seconds
    this.words = `takes ${order.mib} MiB of the space below ${order.folder}`
    this.#changed = changed
  }

  get progress(): string {
    return `${Math.floor(this.#written / mebibyte)} MiB taken`
  }

  begin(): void {
    this.#filling = this.#fill()
  }

  async end(): Promise<void> {
    this.#hasEnded = true
    await this.#filling
    if (this.#file) await gates.requests.close(this.#file)
  }

  async #fill(): Promise<void> {
    const { folder } = this.order
    try {
      const file = await gates.requests.run(
        () => openNameless(folder),
        (late) => gates.requests.close(late),
      )
      this.#file = file
      await this.#write(file)
    } catch (error) {
      this.problem = reasonOf(error as NodeJS.ErrnoException)
      this.#changed()
    }
  }

  async #write(file: FileHandle): Promise<void> {
    const piece = randomBytes(mebibyte)
    const bytes = this.order.mib * mebibyte
    while (this.#written < bytes && !this.#hasEnded) {
      const { bytesWritten } = await gates.requests.run(() => file.write(piece))
      this.#written += bytesWritten
      this.#changed()
    }
  }
}

/** A new file that is gone as soon as nobody has it open, which is so after SIGKILL too. */
async function openNameless(folder: string): Promise<FileHandle> {
  const path = join(folder, `.kuard-fault-${randomUUID()}`)
  const file = await open(path, 'wx', 0o600)
  try {
    await unlink(path)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

const reasons: Readonly<Partial<Record<string, string>>> = {
  ENOSPC: 'the file system is full',
  EDQUOT: 'the quota is used up',
  ENOENT: 'there is no such folder',
  ENOTDIR: 'this is no folder',
  EACCES: 'this process may not write there',
  EPERM: 'this process may not write there',
  EROFS: 'the file system is read-only',
  ERR_ACCESS_DENIED: 'this process may not write there unless --fault-disk-folder names the folder',
}

const reasonOf = ({ code = '', message }: NodeJS.ErrnoException): string => reasons[code] ?? message
