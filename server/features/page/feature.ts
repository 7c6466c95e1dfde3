/** The UI: one page, which shows a tab for each feature that is on. */
import { join } from 'node:path'
import type { Feature, ShowPage } from '../../feature.ts'
import type { Identity } from '../../identity/wire.ts'
import { pageRoutes, showsPage } from './routes.ts'
import { Ui } from './ui.ts'

/**
 * @param folder where the built UI is
 * @param frameAncestors as Ui has them
 * @param identify says who answers
 */
export function pageFeature(
  folder: string,
  frameAncestors: readonly string[],
  identify: () => Identity,
): Feature & { showPage: ShowPage } {
  const ui = new Ui(folder, frameAncestors)
  const showPage = showsPage(ui, identify)
  return {
    name: 'page',
    showPage,
    routes(http) {
      pageRoutes(http, join(folder, 'assets'), showPage)
    },
  }
}
