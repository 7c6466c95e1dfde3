/** Makes the OpenAPI document, from an app that never listens and has the same routes. */
import { STATUS_CODES } from 'node:http'
import swagger from '@fastify/swagger'
import type { FastifySchema } from 'fastify'
import type { Feature } from '../../feature.ts'
import type { Http } from '../../http/http.ts'
import { sharedAnswersOf, sharedResponses } from './shared-answers.ts'
import type { OpenApi } from './wire.ts'

/**
 * Describes every route that the features mount.
 * @param http an app of its own, without routes
 * @param version of this server
 * @returns an OpenAPI 3.1 document that names no servers
 */
export async function describeApi(
  http: Http,
  version: string,
  features: readonly Feature[],
): Promise<OpenApi> {
  http.setValidatorCompiler(() => () => true)
  http.setSerializerCompiler(() => JSON.stringify)
  await http.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'kuard', version, description: 'The demo server of Kubernetes: Up and Running.' },
      tags: features.map(({ name }) => ({ name })),
      components: { responses: sharedResponses },
    },
    convertConstToEnum: false,
    transform: ({ schema, url, route }) => {
      const path = url.replace('*', ':path')
      return { url: path, schema: describeRoute([route.method].flat().join(), path, schema) }
    },
  })
  let tag = ''
  http.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, tags: [tag] }
  })
  for (const feature of features) {
    tag = feature.name
    feature.routes(http)
  }
  await http.ready()
  // Its type leaves the version open, which was given above.
  return withShared(http.swagger() as OpenApi)
}

/** A JSON schema; Fastify's types leave open what the schemas of a route are. */
interface Schema {
  readonly [keyword: string]: unknown
  readonly type?: string
  readonly description?: string
}

function describeRoute(method: string, path: string, route: FastifySchema): FastifySchema {
  const body = route.body as Schema | undefined
  const answers = Object.entries((route.response ?? {}) as Record<string, Schema>)
  return {
    ...route,
    operationId: operationId(method, path),
    consumes: [body?.type === 'string' ? 'text/plain' : 'application/json'],
    response: Object.fromEntries(
      answers.map(([status, schema]) => [status, answer(status, schema, route.produces)]),
    ),
  }
}

/** Adds what a route shares with others to what it says itself, which counts more. */
function withShared({ paths, ...document }: OpenApi): OpenApi {
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      operation.responses = { ...sharedAnswersOf(method.toUpperCase(), path), ...operation.responses }
      // No body is the empty text.
      if (operation.requestBody?.content['text/plain']) operation.requestBody.required = false
    }
  }
  return { ...document, paths }
}

/** `PUT /memq/server/queues/:queue` becomes `putMemqServerQueuesQueue`. */
const operationId = (method: string, path: string): string =>
  method.toLowerCase() + path.replace(/[^a-z0-9]+([a-z0-9]?)/gi, (_, letter: string) => letter.toUpperCase())

/** A route says what it answers; what it doesn't say is text for a string, and for every error, else JSON. */
function answer(status: string, raw: Schema, produces: readonly string[] | undefined): Schema {
  const { headers, ...schema } = raw
  const shared = {
    description: raw.description ?? STATUS_CODES[status] ?? '',
    ...(headers ? { headers } : {}),
  }
  if (raw.type === 'null') return { ...shared, type: 'null' }
  if (raw.content) return { ...shared, content: schema.content }
  const usual = raw.type === 'string' || Number(status) >= 400 ? 'text/plain' : 'application/json'
  const [type = usual] = Number(status) < 300 ? (produces ?? []) : []
  return { ...shared, content: { [type]: { schema } } }
}
