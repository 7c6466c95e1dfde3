/** The names in a directory, however many there are: read and sorted in slices, so that nothing else has to wait. */
import type { Dirent } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { kindOf } from './kind.ts'
import { fromBytes, type ByteText } from './path.ts'
import { Refusal } from './refusal.ts'
import type { Place } from './tree.ts'
import type { Turns } from './turns.ts'
import type { FileKind } from './wire.ts'

/** How many names are read, or handed on, before other work has its turn. */
const sliceLength = 512

/** An entry as the directory itself has it. */
export interface Name {
  readonly name: ByteText
  readonly kind: FileKind
}

/** A directory's names, held until they are released. */
export class Names {
  readonly #runs: readonly (readonly Name[])[]
  readonly #release: () => void

  /**
   * @param runs each sorted
   * @param release called when they are held no more
   */
  constructor(runs: readonly (readonly Name[])[], release: () => void) {
    this.#runs = runs
    this.#release = release
  }

  /** All of them sorted by their bytes, slice by slice, with other work in between. */
  async *slices(): AsyncGenerator<Name[]> {
    let slice: Name[] = []
    for (const name of merged(this.#runs)) {
      slice.push(name)
      if (slice.length < sliceLength) continue
      yield slice
      slice = []
      // A client that takes everything at once would otherwise have all slices in one go.
      await setImmediate()
    }
    yield slice
  }

  /** Must be called once, whatever happens. */
  close(): void {
    this.#release()
  }
}

/** Reads directories, as many at once as memory is meant for. */
export class Directories {
  readonly #turns: Turns
  readonly #maxNames: number
  #held = 0

  /** @param maxNames how many all listings together may hold, at about 100 bytes each */
  constructor(turns: Turns, maxNames: number) {
    this.#turns = turns
    this.#maxNames = maxNames
  }

  /**
   * Reads all names of a directory. The caller closes them.
   * @throws Refusal when it may not be read, or when too many names are held already
   */
  async read(place: Place): Promise<Names> {
    // In Node's types an entry's name is always a string; read as bytes it is a Buffer.
    const bytes = { encoding: 'buffer' as BufferEncoding, bufferSize: sliceLength }
    const opening = () => opendir(place.path, bytes)
    const directory = await this.#turns.run(opening, (late) => this.#turns.close(late))
    const runs: Name[][] = []
    let held = 0
    const release = () => {
      this.#held -= held
      held = 0
    }
    try {
      for (;;) {
        const run = await this.#turns.run(() => readSome(directory as unknown as ByteDirectory))
        if (run.length === 0) return new Names(runs, release)
        held += run.length
        this.#held += run.length
        if (this.#held > this.#maxNames) {
          throw new Refusal('busy', `more than ${this.#maxNames} names are in listings that are being sent`)
        }
        runs.push(run.sort((one, other) => (one.name < other.name ? -1 : 1)))
      }
    } catch (error) {
      release()
      throw error
    } finally {
      void this.#turns.close(directory)
    }
  }
}

interface ByteDirectory {
  read(): Promise<Dirent<Buffer> | null>
}

async function readSome(directory: ByteDirectory): Promise<Name[]> {
  const names: Name[] = []
  while (names.length < sliceLength) {
    const entry = await directory.read()
    if (!entry) break
    names.push({ name: fromBytes(entry.name), kind: kindOf(entry) })
  }
  return names
}

/** Merges sorted runs as they are asked for: to sort all at once would keep the probes waiting. */
function* merged(runs: readonly (readonly Name[])[]): Generator<Name> {
  const [only] = runs
  if (runs.length < 2) return yield* only ?? []
  const middle = runs.length >> 1
  const left = merged(runs.slice(0, middle))
  const right = merged(runs.slice(middle))
  let one = left.next()
  let other = right.next()
  while (!one.done || !other.done) {
    if (!one.done && (other.done || one.value.name <= other.value.name)) {
      yield one.value
      one = left.next()
    } else if (!other.done) {
      yield other.value
      other = right.next()
    }
  }
}
