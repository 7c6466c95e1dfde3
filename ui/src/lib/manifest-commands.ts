/** What to do with manifests, by the address under which this page was reached: no checkout is needed. */
import {
  applyCommand,
  closeViewer,
  deleteCommand,
  downloadCommand,
  nameIn,
  openViewer,
  viewerFile,
} from '../../../server/features/manifests/commands.ts'
import type { Concept } from '../../../server/features/manifests/wire.ts'
import { manifestPath } from './api.ts'
import { root } from './root.ts'
import { shellWord } from './shell.ts'

/** For what all of a concept's commands have in common. */
export interface Basis {
  /** The chapter's: in a checkout, commands are for it. */
  readonly folder: string
  /** For kuard's own; empty for none. */
  readonly image: string
}

/** kubectl trusts no certificate that kuard made, and has no option for that. */
const readsAddresses = root.protocol !== 'https:'

/** The files that a terminal has to have: paths below manifests/. */
export const pathsToFetch = ({
  apply,
  fetch,
  cleanup,
}: Pick<Concept, 'apply' | 'fetch' | 'cleanup'>): string[] =>
  readsAddresses ? fetch : [...new Set([...apply, ...cleanup.delete, ...fetch])].sort()

/** Saves files under the names that commands have for them. */
export const fetchCommand = (paths: readonly string[], { folder, image }: Basis): string =>
  downloadCommand(
    paths.map((path) => ({
      name: shellWord(nameIn(folder, path)),
      address: shellWord(addressOf(path, image)),
    })),
    readsAddresses ? [] : ['-k'],
  )

export const applyAll = (paths: readonly string[], basis: Basis): string =>
  applyCommand(asWords(paths, basis))

export const deleteAll = (paths: readonly string[], basis: Basis): string =>
  deleteCommand(asWords(paths, basis))

const asWords = (paths: readonly string[], { folder, image }: Basis): string[] =>
  paths.map((path) => shellWord(readsAddresses ? addressOf(path, image) : nameIn(folder, path)))

const addressOf = (path: string, image: string): string => new URL(manifestPath(path, image), root).href

/** Starts the pod viewer, and the last keeps its page open. @param image kuard's own where it is empty */
export const openViewerOf = (image: string): string[] => openViewer(viewerWord(image))

/** Takes the viewer away, and what it may see. @param image as for openViewerOf */
export const closeViewerOf = (image: string): string[] => closeViewer(viewerWord(image))

/** Its file, for a terminal in the folder of any chapter. */
const viewerWord = (image: string): string => asWords([viewerFile], { folder: 'a chapter', image }).join(' ')

/** Makes a file of the book's own name this image. @param image as for openViewerOf */
export const replaceBooksImage = (image: string): string =>
  `sed ${shellWord(`s|${booksImage}:[0-9a-z]*|${withTag(image || 'kuard', 'blue')}|`)} kuard-pod.yaml | kubectl apply -f -`

/** The name that the book has, without its tag. */
export const booksImage = 'gcr.io/kuar-demo/kuard-amd64'

/** A tag or a digest stands after the last slash. */
const withTag = (image: string, tag: string): string => (/[:@][^/]*$/.test(image) ? image : `${image}:${tag}`)
