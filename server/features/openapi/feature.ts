/** GET /openapi.json: every route of every feature that is on, from the schemas that it is checked by. */
import { fastify, type RawServerDefault } from 'fastify'
import type { Feature } from '../../feature.ts'
import { noCompilers } from '../../http/no-compilers.ts'
import { prefixes, withoutPrefix } from '../../http/prefix.ts'
import { schemasOf } from '../../http/schemas.ts'
import type { OpenApi } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

/**
 * The document is made when it is first asked for, since that takes libraries and time which a start has no use for.
 * @param version of this server
 * @param features gives those that are on
 */
export function openapiFeature(version: string, features: () => readonly Feature[]): Feature {
  let description: Promise<OpenApi> | undefined
  return {
    name: 'openapi',
    routes(http) {
      const schema = { summary: 'This document, in OpenAPI 3.1', response: { 200: schemaOf('OpenApi') } }
      http.get('/openapi.json', { schema, config: { exemptFrom: ['faults'] } }, async ({ originalUrl }) => {
        description ??= import('./document.ts').then((document) =>
          document.describeApi(
            fastify<RawServerDefault>({ schemaController: noCompilers }),
            version,
            features(),
          ),
        )
        const isPrefixed = withoutPrefix(originalUrl) !== originalUrl
        return { ...(await description), servers: isPrefixed ? [here] : [here, ...belowHere] }
      })
    },
  }
}

// Relative, so that they are right behind whatever proxy the document was fetched through.
const here = { url: '.' }
const belowHere = prefixes.map((prefix) => ({ url: `.${prefix}` }))
