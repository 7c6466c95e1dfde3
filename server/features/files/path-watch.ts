/** What is at one path, told anew whenever it changes. */
import { join } from 'node:path'
import { gates } from '../../host/gate.ts'
import { watchPath } from '../../host/watch.ts'
import type { Topic } from '../../state/topic.ts'
import { timeText } from './entry.ts'
import { kindOf } from './kind.ts'
import { fromBytes, namesOf, readable, type ByteText } from './path.ts'
import { Refusal } from './refusal.ts'
import type { FileTree } from './tree.ts'
import type { WatchedPath } from './wire.ts'

type State = Omit<WatchedPath, 'changes'>

/** A file or a directory, links followed; it may be missing, and may come and go. */
export class PathWatch implements Topic {
  readonly #tree: FileTree
  readonly #names: readonly ByteText[]
  readonly #path: string
  #changes = 0
  /** Why it could not be looked at when it last changed. */
  #reason: string | null = null

  /**
   * @param path below the tree's root, such as `/config`
   * @throws Refusal when it is no such path
   */
  constructor(tree: FileTree, path: string) {
    if (!path.startsWith('/')) throw new Refusal('unsuitable', 'a path to watch begins with a slash')
    this.#tree = tree
    this.#names = namesOf(fromBytes(Buffer.from(path)))
    this.#path = join(tree.root, ...this.#names.map(readable))
  }

  /** What is there now. */
  async snapshot(): Promise<WatchedPath> {
    const state = await this.#look()
    this.#reason = state.reason
    return { ...state, changes: this.#changes }
  }

  /** As Topic.subscribe. */
  subscribe(listener: () => void): () => void {
    return watchPath(this.#path, gates.watches, () => void this.#tell(listener))
  }

  /** What can't be seen, outside of the root or without permission, can't be seen to change. */
  async #tell(listener: () => void): Promise<void> {
    const before = this.#reason
    const { reason } = await this.snapshot()
    if (reason !== null && reason === before) return
    this.#changes += 1
    listener()
  }

  async #look(): Promise<State> {
    try {
      const place = await this.#tree.find(this.#names)
      try {
        const { stats } = place
        const target = await this.#tree.locate(place)
        return {
          exists: true,
          reason: null,
          kind: kindOf(stats),
          size: stats.size,
          modified: timeText(stats.mtime),
          target: target === `/${this.#names.join('/')}` ? null : readable(target),
        }
      } finally {
        await place.close()
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { exists: false, reason: error.message, kind: null, size: null, modified: null, target: null }
    }
  }
}
