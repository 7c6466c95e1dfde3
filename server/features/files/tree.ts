/** The part of the file system that is shown: everything below one directory, and nothing else. */
import type { Stats } from 'node:fs'
import { open, readlink, realpath, type FileHandle } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fromBytes, toBytes, type ByteText } from './path.ts'
import { Refusal } from './refusal.ts'
import type { Turns } from './turns.ts'

/** Finds a file without opening it: no FIFO, socket or device notices (open(2)). Node names no such constant. */
const O_PATH = 0o10000000

/** Something that was found, and stays what it was even if its name comes to mean something else. */
export class Place {
  readonly stats: Stats
  readonly #handle: FileHandle

  constructor(handle: FileHandle, stats: Stats) {
    this.#handle = handle
    this.stats = stats
  }

  /** Leads to this very thing, whatever becomes of its name (proc_pid_fd(5)). */
  get path(): string {
    return `/proc/self/fd/${this.#handle.fd}`
  }

  /** Must be called, whatever happens. Never rejects: nothing was written that could be lost. */
  close(): Promise<void> {
    return this.#handle.close().catch(() => undefined)
  }
}

/** Everything below the root. */
export class FileTree {
  readonly root: string
  readonly #turns: Turns

  /** @param root as `--fs-root` says; it may be missing as yet, and it may be a link */
  constructor(root: string, turns: Turns) {
    this.root = resolve(root)
    this.#turns = turns
  }

  /**
   * Finds what is at a path, through links. The caller closes it.
   * @throws Refusal when it is missing, not permitted, or outside the root
   */
  async find(names: readonly ByteText[]): Promise<Place> {
    const path = toBytes([fromBytes(Buffer.from(this.root)), ...names].join('/'))
    const look = async () => {
      const handle = await open(path, O_PATH)
      return new Place(handle, await handle.stat())
    }
    const place = await this.#turns.run(look, (late) => late.close())
    try {
      await this.locate(place)
      return place
    } catch (error) {
      await place.close()
      throw error
    }
  }

  /**
   * Says where below the root something is now, all links followed: `/config/..data`.
   * @throws Refusal when it is outside
   */
  async locate(place: Place): Promise<ByteText> {
    const path = await this.#turns.run(() => readlink(place.path, 'latin1'))
    const root = await this.#turns.run(() => realpath(this.root, 'latin1'))
    const inside = root === '/' ? '' : root
    if (path === inside) return '/'
    if (path.startsWith(`${inside}/`) || inside === '') return path.slice(inside.length)
    throw new Refusal('forbidden', 'this is outside of what is shown (--fs-root)')
  }
}
