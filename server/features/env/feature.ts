/** The Server Env tab: the command line and the environment variables that the process was started with. */
import type { Feature } from '../../feature.ts'
import { schemasOf } from '../../http/schemas.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/**
 * @param commandLine the program and its arguments
 * @param env the environment, names and values
 */
export function envFeature(commandLine: readonly string[], env: NodeJS.ProcessEnv): Feature {
  return {
    name: 'env',
    routes(http) {
      http.get('/env/api', { schema: { response: { 200: schemaOf('ServerEnv') } } }, () => ({
        commandLine: [...commandLine],
        env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value ?? ''])),
      }))
    },
  }
}
