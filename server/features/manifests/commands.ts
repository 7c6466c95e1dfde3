/** How concepts are written wherever they stand: commands, but for where their files are, in a folder or at an address, and where to look. */
import type { Sight } from './wire.ts'

const files = (names: readonly string[]): string => names.map((name) => `-f ${name}`).join(' ')

/** @param names of the files, or their addresses, as words of a shell */
export const applyCommand = (names: readonly string[]): string => `kubectl apply ${files(names)}`

/** Also where some of it is gone already. @param names as for applyCommand */
export const deleteCommand = (names: readonly string[]): string =>
  `kubectl delete --ignore-not-found ${files(names)}`

/** How a terminal in a chapter's folder names a file. @param path below manifests/ */
export const nameIn = (folder: string, path: string): string =>
  path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : `../${path}`

/** A file that is to be had from a server, as words of a shell. */
export interface Download {
  readonly name: string
  readonly address: string
}

/** Saves files under the names that commands have for them. @param options of curl, beside those that it always needs */
export function downloadCommand(files: readonly Download[], options: readonly string[] = []): string {
  const [first = '', ...others] = files.map(({ name, address }) => `-o ${name} ${address}`)
  const command = ['curl', ...options, '-fsS', '--create-dirs'].join(' ')
  return others.length === 0 ? `${command} ${first}` : [command, first, ...others].join(' \\\n  ')
}

/** Such as `Cluster, Rollout`. */
export const placeOf = ({ tab, view }: Pick<Sight, 'tab' | 'view'>): string =>
  view === null ? tab : `${tab}, ${view}`

/** Where the page of the pod viewer is: at none of the ports that concepts forward. */
export const viewerPort = 8000

/** The viewer’s own, and what it needs to show. */
export const viewerFile = 'viewer.yaml'
const rightsFiles = ['cluster-view.yaml', 'cluster-view-nodes.yaml']

/** Starts the pod viewer, and the last keeps its page open. @param file viewer.yaml, as for applyCommand */
export const openViewer = (file: string): string[] => [
  applyCommand([file]),
  'kubectl wait --for=condition=Ready pod/viewer --timeout=120s',
  `kubectl port-forward viewer ${String(viewerPort)}:8080`,
]

const rights = rightsFiles.map(
  (name) => `"http://localhost:${String(viewerPort)}/manifests/${name}?namespace=$NAMESPACE"`,
)
const withItsNamespace = (command: string): string =>
  `NAMESPACE=$(kubectl get pod viewer -o jsonpath='{.metadata.namespace}')\n${command}`

/** Lets it see, and all pods of its namespace that run as the default service account. */
export const letViewerSee = withItsNamespace(applyCommand(rights))

/** Takes that away again, while its page is open, and then the pod. @param file as for openViewer */
export const closeViewer = (file: string): string[] => [
  withItsNamespace(deleteCommand(rights)),
  deleteCommand([file]),
]
