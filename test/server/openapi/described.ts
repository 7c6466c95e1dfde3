/** What the OpenAPI document says of each route, and whether an answer keeps to it. */
import assert from 'node:assert/strict'
import addFormats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { Type, type Static } from 'typebox'
import type { TestContext } from 'node:test'
import { startKuard, type Answer, type Kuard } from '../../support/kuard.ts'

const Response = Type.Object({
  description: Type.String(),
  content: Type.Optional(Type.Record(Type.String(), Type.Object({ schema: Type.Unknown() }))),
})
const Reference = Type.Object({ $ref: Type.String() })

/** What of an operation is read here. */
export const Operation = Type.Object({
  operationId: Type.String(),
  tags: Type.Array(Type.String()),
  parameters: Type.Optional(Type.Array(Type.Object({ in: Type.String() }))),
  requestBody: Type.Optional(Type.Object({})),
  responses: Type.Record(Type.String(), Type.Union([Reference, Response])),
})
export type Operation = Static<typeof Operation>

/** What of the document is read here. */
export const Document = Type.Object({
  openapi: Type.String(),
  servers: Type.Array(Type.Object({ url: Type.String() })),
  components: Type.Object({
    responses: Type.Record(Type.String(), Response),
    schemas: Type.Record(Type.String(), Type.Unknown()),
  }),
  paths: Type.Record(Type.String(), Type.Record(Type.String(), Operation)),
})
export type Document = Static<typeof Document>

/** One route, as the document has it. */
export interface Described {
  /** `PUT /memq/server/queues/{queue}` */
  readonly name: string
  readonly method: string
  readonly path: string
  readonly operation: Operation
  /** What is said of it alone, by status. */
  readonly own: readonly string[]
  /** What is said of many routes in one place: the names in `components.responses`, by status. */
  readonly shared: ReadonlyMap<string, string>
}

/** Reads a server's document. */
async function describedBy(kuard: Kuard): Promise<{ document: Document; routes: Described[] }> {
  const document = (await kuard.get('/openapi.json')).json(Document)
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([lowerCase, operation]) => {
      const method = lowerCase.toUpperCase()
      const shared = Object.entries(operation.responses).flatMap(([status, response]) =>
        '$ref' in response ? [[status, response.$ref.replace('#/components/responses/', '')] as const] : [],
      )
      const own = Object.keys(operation.responses).filter((status) => !new Map(shared).has(status))
      return { name: `${method} ${path}`, method, path, operation, own, shared: new Map(shared) }
    }),
  )
  return { document, routes }
}

/** Starts a server and reads its document. */
export async function startDescribed(context: TestContext, ...args: string[]) {
  const kuard = await startKuard(context, args)
  return { kuard, ...(await describedBy(kuard)) }
}

/** Of JSON Schema's 2020-12, which is that of OpenAPI 3.1; a schema that is not valid by it is thrown out. */
export const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true })
addFormats.default(ajv)
ajv.addKeyword('components')

/** @returns checks a value against a schema that may name others of the document */
export const compile = ({ components }: Pick<Document, 'components'>, schema: unknown) =>
  ajv.compile({ ...(schema as object), components })

/** Holds an answer against what its operation says of the status: no body, or one of a type and of a schema's shape. */
export function assertDescribed(
  document: Document,
  { responses }: Operation,
  { status, headers, text }: Answer,
): void {
  const said = responses[status]
  assert.ok(said, `${status} is not described`)
  const response = '$ref' in said ? document.components.responses[said.$ref.replace(/.*\//, '')] : said
  if (!response?.content) {
    assert.equal(text, '')
    return
  }
  const type = String(headers['content-type']).replace(/;.*/, '')
  const media = response.content[type] ?? response.content['*/*']
  assert.ok(media, `${type} is not described, but ${Object.keys(response.content).join()}`)
  // Its events are held to theirs in events.test.ts.
  if (type === 'text/event-stream') return
  const validate = compile(document, media.schema)
  assert.ok(validate(type === 'application/json' ? JSON.parse(text) : text), ajv.errorsText(validate.errors))
}
