/** The Manifests tab: what of the book can be tried, and the manifests for it. */
import type { Feature, ShowPage } from '../../feature.ts'
import { Manifests } from './manifests.ts'
import { manifestRoutes } from './routes.ts'

/**
 * @param folder where the manifests are
 * @param showPage for a browser, if there is a UI
 */
export function manifestsFeature(
  folder: string,
  showPage: ShowPage | undefined,
): Feature & { readonly manifests: Manifests } {
  const manifests = new Manifests(folder)
  return {
    name: 'manifests',
    manifests,
    routes(http) {
      manifestRoutes(http, manifests, showPage)
    },
  }
}
