/** Makes the OpenAPI document, from an app that never listens and has the same routes. */
import { STATUS_CODES } from 'node:http'
import swagger from '@fastify/swagger'
import type { FastifySchema } from 'fastify'
import type { Feature } from '../../feature.ts'
import type { Http } from '../../http/http.ts'
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
  return http.swagger() as OpenApi
}

/** A JSON schema; Fastify's types leave open what the schemas of a route are. */
interface Schema {
  readonly [keyword: string]: unknown
  readonly type?: string
  readonly description?: string
}

function describeRoute(method: string, path: string, route: FastifySchema): FastifySchema {
  const body = route.body as Schema | undefined
  const takesInput = Boolean(body ?? route.querystring ?? route.params)
  const refusals: Record<number, string> = {
    ...(takesInput ? { 400: 'What was sent is not valid; the reason in words.' } : {}),
    403: 'Sent from another site’s page, for a host name that is not allowed, or to change a read-only server.',
    ...(body ? { 413: 'The body is larger than this server takes.' } : {}),
  }
  const answers = Object.entries((route.response ?? {}) as Record<string, Schema>)
  return {
    ...route,
    operationId: operationId(method, path),
    consumes: [body?.type === 'string' ? 'text/plain' : 'application/json'],
    ...(body ? { body: to2020(body) } : {}),
    response: {
      ...Object.fromEntries(Object.entries(refusals).map(([status, words]) => [status, plainText(words)])),
      ...Object.fromEntries(
        answers.map(([status, schema]) => [status, answer(status, schema, route.produces)]),
      ),
    },
  }
}

/** `PUT /memq/server/queues/:queue` becomes `putMemqServerQueuesQueue`. */
const operationId = (method: string, path: string): string =>
  method.toLowerCase() + path.replace(/[^a-z0-9]+([a-z0-9]?)/gi, (_, letter: string) => letter.toUpperCase())

const plainText = (description: string): Schema => ({
  description,
  content: { 'text/plain': { schema: { type: 'string' } } },
})

/** A route says what it answers; what it doesn't say is text for a string, and for every error, else JSON. */
function answer(status: string, raw: Schema, produces: readonly string[] | undefined): Schema {
  const { headers, ...schema } = to2020(raw)
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

/** A schema in JSON Schema's dialect of 2020-12, where a tuple's items are named `prefixItems`. */
function to2020(schema: Schema): Schema {
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, convert(value)]))
  if (!Array.isArray(copy.items)) return copy
  const { items, additionalItems, ...rest } = copy
  return { ...rest, prefixItems: items, items: additionalItems }
}

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert)
  return typeof value === 'object' && value !== null ? to2020(value as Schema) : value
}
