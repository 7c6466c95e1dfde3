/** The Reach tab: what can be reached from this pod, step by step. */
import type { Feature } from '../../feature.ts'
import type { NameLookUp } from './name-look-up.ts'
import type { Reach } from './reach.ts'
import { reachRoutes } from './routes.ts'

/** What Reach is given by the app. */
export interface ReachSurroundings {
  /** In which the kubelet tells a pod where Services are. */
  readonly env: NodeJS.ProcessEnv
  /** Gives the resolver, loaded when it is first asked. */
  readonly resolver: () => Promise<NameLookUp>
}

/** @param reachMetadata whether a cloud's metadata service may be asked */
export function reachFeature(
  { reachMetadata }: { readonly reachMetadata: boolean },
  { env, resolver }: ReachSurroundings,
): Feature {
  let reach: Promise<Reach> | undefined
  // Most pods are never asked.
  const load = async () => {
    const { Reach } = await import('./reach.ts')
    return new Reach({ env, resolver, mayAskMetadata: reachMetadata })
  }
  return {
    name: 'reach',
    routes(http) {
      reachRoutes(http, () => (reach ??= load()))
    },
    close() {
      void reach?.then((loaded) => {
        loaded.end()
      })
    },
  }
}
