/** The File system browser tab: directories and files as this process sees them. */
import type { Feature, ShowPage } from '../../feature.ts'
import { gates } from '../../host/gate.ts'
import { schemasOf } from '../../http/schemas.ts'
import type { Topic } from '../../state/topic.ts'
import { FileBrowser } from './browser.ts'
import { errorHandler, filesRoutes } from './routes.ts'
import { FileTree } from './tree.ts'
import { Turns } from './turns.ts'
import { PathWatch } from './path-watch.ts'
import type { WatchEvent } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/**
 * @param root the directory that is shown, as `--fs-root` says
 * @param showPage for a directory that a browser goes to, if there is a UI
 */
export function filesFeature(root: string, showPage: ShowPage | undefined): Feature {
  const browser = new FileBrowser(root)
  // With turns of its own, so that no watch keeps a request waiting.
  const watched = new FileTree(root, new Turns(gates.watches))
  return {
    name: 'files',
    routes(http) {
      filesRoutes(http, browser, showPage)
    },
    topicFamilies: { watch: (path) => watchTopic(watched, path) },
    states: { watch: schemaOf('WatchEvent') },
  }
}

/** Tells what is at a path, and which path that is. */
function watchTopic(tree: FileTree, path: string): Topic {
  try {
    const watched = new PathWatch(tree, path)
    return {
      snapshot: async (): Promise<WatchEvent> => ({ path, state: await watched.snapshot() }),
      subscribe: (listener) => watched.subscribe(listener),
    }
  } catch (error) {
    return errorHandler(error as Error)
  }
}
