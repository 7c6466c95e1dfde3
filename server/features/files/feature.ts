/** The File system browser tab: directories and files as this process sees them. */
import type { Feature } from '../../feature.ts'
import { FileBrowser } from './browser.ts'
import { errorHandler, filesRoutes } from './routes.ts'
import { Watched } from './watched.ts'

/** @param root the directory that is shown, as `--fs-root` says */
export function filesFeature(root: string): Feature {
  const browser = new FileBrowser(root)
  return {
    name: 'files',
    routes(http) {
      filesRoutes(http, browser)
    },
    watch(path) {
      try {
        return new Watched(browser.tree, path)
      } catch (error) {
        return errorHandler(error as Error)
      }
    },
  }
}
