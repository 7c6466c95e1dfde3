/** The file system browser: finds, lists and reads what is below one directory. */
import { gates } from '../../host/gate.ts'
import { Content } from './content.ts'
import { Directories, type Names } from './directory.ts'
import { describe } from './entry.ts'
import { jsonListing } from './listing.ts'
import { Owners } from './owners.ts'
import { readable, type ByteText } from './path.ts'
import { FileTree, type Place } from './tree.ts'
import { Turns } from './turns.ts'
import type { FileListing } from './wire.ts'

/** What all listings together may hold: about 100 MB, for a directory that is far too large or clients that take no bytes. */
const maxNames = 1_000_000

/** What all requests for files share. */
export class FileBrowser {
  readonly tree: FileTree
  readonly #turns = new Turns(gates.requests)
  readonly #directories = new Directories(this.#turns, maxNames)

  /** @param root as `--fs-root` says */
  constructor(root: string) {
    this.tree = new FileTree(root, this.#turns)
  }

  /** As Directories.read. */
  readNames(directory: Place): Promise<Names> {
    return this.#directories.read(directory)
  }

  /** The JSON of a FileListing, in pieces. */
  describeAll(path: readonly ByteText[], directory: Place, names: Names): AsyncGenerator<string> {
    return jsonListing(pathText(path), directory, names, this.#turns)
  }

  /** A listing of one entry, which is not a directory, without opening it. */
  async describeOne(path: readonly ByteText[], { stats }: Place): Promise<FileListing> {
    const entry = describe(path.at(-1) ?? '', stats, await Owners.read(this.#turns))
    return { path: pathText(path), entries: [entry] }
  }

  /** As Content.open. */
  openContent(file: Place): Promise<Content> {
    return Content.open(file, this.#turns)
  }
}

const pathText = (names: readonly ByteText[]): string => `/${readable(names.join('/'))}`
