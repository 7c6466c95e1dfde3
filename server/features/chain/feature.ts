/** The Chain tab: a pod that asks others, which may ask others. */
import { UsageError } from '../../cli/pflag.ts'
import type { Feature } from '../../feature.ts'
import { nodeNameIn } from '../../host/node-name.ts'
import { printable } from '../../text/printable.ts'
import { hidePasswords } from '../../text/url-password.ts'
import { Chain, type ChainSettings } from './chain.ts'
import { chainRoutes } from './routes.ts'
import { maxUpstreams, parseUpstream } from './upstream.ts'

/** What else a chain is given. */
interface ChainSurroundings extends Pick<ChainSettings, 'identify' | 'tracing'> {
  readonly env: NodeJS.ProcessEnv
}

/** @throws UsageError when an `--upstream` can't be asked */
export function chainFeature(
  { upstream }: { readonly upstream: readonly string[] },
  { env, ...surroundings }: ChainSurroundings,
): Feature {
  const node = nodeNameIn(env) ?? null
  const chain = new Chain({ ...surroundings, upstreams: parseUpstreams(upstream), node })
  return {
    name: 'chain',
    routes(http) {
      chainRoutes(http, chain)
    },
    start() {
      // What fails here fails for each request too, which says so.
      chain.prepare().catch(() => undefined)
    },
  }
}

function parseUpstreams(texts: readonly string[]): URL[] {
  if (texts.length > maxUpstreams) throw new UsageError(`--upstream: there may be ${maxUpstreams} at most`)
  return texts.map((text) => {
    try {
      return parseUpstream(text)
    } catch (error) {
      throw new UsageError(`--upstream ${printable(hidePasswords(text))} ${(error as Error).message}`)
    }
  })
}
