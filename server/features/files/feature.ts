/** The File system browser tab: directories and files as this process sees them. */
import type { Feature, ShowPage } from '../../feature.ts'
import { FileBrowser } from './browser.ts'
import { errorHandler, filesRoutes } from './routes.ts'
import { Watched } from './watched.ts'

/**
 * @param root the directory that is shown, as `--fs-root` says
 * @param showPage for a directory that a browser goes to, if there is a UI
 */
export function filesFeature(root: string, showPage: ShowPage | undefined): Feature {
  const browser = new FileBrowser(root)
  return {
    name: 'files',
    routes(http) {
      filesRoutes(http, browser, showPage)
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
