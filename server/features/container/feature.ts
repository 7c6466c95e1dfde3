/** The Container tab: what surrounds this process, as far as it can be told from inside. */
import type { Feature } from '../../feature.ts'
import { schemasOf } from '../../http/schemas.ts'
import type { Topic } from '../../state/topic.ts'
import type { Container } from './container.ts'
import { containerRoutes } from './routes.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/** How often those who watch are told, in milliseconds. */
const intervalMs = 1000

/**
 * @param env in which a pod's manifest may tell facts of the downward API
 * @param hostname of this host; in a pod, the pod's name
 */
export function containerFeature(env: NodeJS.ProcessEnv, hostname: string): Feature {
  let loading: Promise<Container> | undefined
  // Most pods are never asked for it.
  const load = async () => {
    const { Container } = await import('./container.ts')
    return new Container({ env, hostname })
  }
  const container = () => (loading ??= load())
  const usage: Topic = {
    snapshot: async () => (await container()).usage.read(),
    subscribe(listener) {
      // The figures change all the time, so that is said once a second.
      const timer = setInterval(listener, intervalMs)
      return () => {
        clearInterval(timer)
      }
    },
  }
  return {
    name: 'container',
    topics: { container: usage },
    states: { container: schemaOf('ContainerUsage') },
    routes(http) {
      containerRoutes(http, container)
    },
  }
}
