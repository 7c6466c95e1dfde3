/** Makes the OpenAPI document, from an app that never listens and has the same routes. */
import { STATUS_CODES } from 'node:http'
import swagger from '@fastify/swagger'
import type { FastifySchema } from 'fastify'
import type { TSchema } from 'typebox'
import type { Feature } from '../../feature.ts'
import type { Http } from '../../http/http.ts'
import { LateSchema } from '../../http/schemas.ts'
import { sharedAnswersOf, sharedResponses } from './shared-answers.ts'
import type { Media, OpenApi } from './wire.ts'

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
  const schemas = new Map<string, object>()
  const named = new Set<LateSchema>()
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
    transform: ({ schema, url }) => {
      const path = url.replace('*', ':path')
      return { url: path, schema: describeRoute(schema, schemas) }
    },
  })
  let tag = ''
  http.addHook('onRoute', (route) => {
    for (const schema of lateSchemasIn(route.schema)) named.add(schema)
    route.schema = { ...route.schema, tags: [tag] }
  })
  for (const feature of features) {
    tag = feature.name
    feature.routes(http)
  }
  await loadInto(schemas, named)
  await http.ready()
  // Its type leaves the version open, which was given above.
  const document = withShared(http.swagger() as OpenApi, schemas)
  return { ...document, components: { ...document.components, schemas: Object.fromEntries(schemas) } }
}

/** A JSON schema; Fastify's types leave open what the schemas of a route are. */
interface Schema {
  readonly [keyword: string]: unknown
  readonly type?: string
  readonly description?: string
}

/** What is sent otherwise than as a body: each property becomes a parameter. */
const parameters = ['params', 'querystring', 'headers'] as const

/** @param schemas those that the routes name, by name */
function describeRoute(route: FastifySchema, schemas: ReadonlyMap<string, object>): FastifySchema {
  const body = referring(route.body) as Schema | undefined
  const answers = Object.entries(referring(route.response ?? {}) as Record<string, Schema>)
  const sent = parameters.map((part) => [part, route[part]] as const)
  return {
    ...route,
    ...Object.fromEntries(
      sent.flatMap(([part, schema]) =>
        schema instanceof LateSchema ? [[part, schemas.get(schema.name)]] : [],
      ),
    ),
    ...(body && { body }),
    consumes: [body?.type === 'string' ? 'text/plain' : 'application/json'],
    response: Object.fromEntries(
      answers.map(([status, schema]) => [status, answer(status, schema, route.produces)]),
    ),
  }
}

/** Every schema in a part of a route's that is named and not there yet. */
function* lateSchemasIn(part: unknown): Generator<LateSchema> {
  if (part instanceof LateSchema) yield part
  else if (typeof part === 'object' && part !== null)
    for (const inner of Object.values(part)) yield* lateSchemasIn(inner)
}

/** The same with a reference in place of each schema that is named. */
function referring(part: unknown): unknown {
  if (part instanceof LateSchema) return { $ref: `#/components/schemas/${part.name}` }
  if (Array.isArray(part)) return part.map(referring)
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, referring(inner)]))
}

/** Loads schemas, and those that they name in turn. @throws Error where two of them have one name */
async function loadInto(schemas: Map<string, object>, named: Iterable<LateSchema>): Promise<void> {
  const loaded = new Map<string, TSchema>()
  const waiting = [...named]
  for (let late = waiting.pop(); late; late = waiting.pop()) {
    const schema = await late.load()
    if ((loaded.get(late.name) ?? schema) !== schema) throw new Error(`two schemas are named ${late.name}`)
    if (loaded.has(late.name)) continue
    loaded.set(late.name, schema)
    schemas.set(late.name, referring(schema) as object)
    waiting.push(...lateSchemasIn(schema))
  }
}

/** Adds what a route shares with others to what it says itself, which counts more. */
function withShared({ paths, ...document }: OpenApi, schemas: ReadonlyMap<string, object>): OpenApi {
  for (const [path, methods] of Object.entries(paths)) {
    // HEAD is GET's.
    delete methods.head
    for (const [lowerCase, { responses, requestBody, ...operation }] of Object.entries(methods)) {
      const method = lowerCase.toUpperCase()
      // Made anew, since those of a route that takes several methods are one object.
      methods[lowerCase] = {
        ...operation,
        operationId: operationId(method, path),
        ...(requestBody && { requestBody }),
        responses: { ...sharedAnswersOf(method, path), ...responses },
      }
      if (requestBody && mayBeMissing(requestBody.content, schemas)) requestBody.required = false
    }
  }
  return { ...document, paths }
}

/** No body is the empty text, and null. */
function mayBeMissing(
  content: Readonly<Record<string, Media>>,
  schemas: ReadonlyMap<string, object>,
): boolean {
  const { schema = {} } = content['application/json'] ?? {}
  const name = '$ref' in schema ? String(schema.$ref).replace(/.*\//, '') : ''
  return content['text/plain'] !== undefined || allowsNull(schemas.get(name) ?? {})
}

const allowsNull = (schema: { readonly anyOf?: readonly Schema[] }): boolean =>
  schema.anyOf?.some(({ type }) => type === 'null') ?? false

/** `PUT /memq/server/queues/{queue}` becomes `putMemqServerQueuesQueue`. */
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
