/** Checks what a client sends against one schema, and says in words what is wrong with it. */
import type { Static, TSchema } from 'typebox'
import * as Value from 'typebox/value'
import { HttpError } from './errors.ts'

/** A schema that is used this often is compiled; what a person clicks never is, nor is the compiler loaded for it. */
const usesBeforeCompiling = 100

/** True for what the schema allows. */
export type Validate = (input: unknown) => true | { readonly error: HttpError }

/**
 * A query string's values are text, so numbers and lists are read first; a body must be of the right type as it is.
 * @param httpPart where it is sent, as Fastify says
 */
export function validator(schema: TSchema, httpPart: string | undefined): Validate {
  const readers = httpPart === 'querystring' ? readersOf(schema) : []
  let check = (value: unknown) => Value.Check(schema, value)
  let uses = 0
  return (input) => {
    if (uses++ === usesBeforeCompiling) void compile(schema).then((compiled) => (check = compiled))
    if (readers.length > 0) readQuery(input as Record<string, unknown>, readers)
    return check(input) || { error: refusal(schema, httpPart, input) }
  }
}

/**
 * A body that a route has to check by itself, since its schema depends on what is asked for.
 * @throws HttpError with what is wrong with it
 */
export function checkedBody<Schema extends TSchema>(schema: Schema, body: unknown): Static<Schema> {
  if (Value.Check(schema, body)) return body
  throw refusal(schema, 'body', body)
}

async function compile(schema: TSchema): Promise<(value: unknown) => boolean> {
  const { Compile } = await import('typebox/compile')
  const compiled = Compile(schema)
  return (value) => compiled.Check(value)
}

function refusal(schema: TSchema, httpPart: string | undefined, input: unknown): HttpError {
  const errors = Value.Errors(schema, input)
  const [first] = errors
  const where = first?.instancePath.slice(1).replaceAll('/', '.') ?? ''
  const whole = httpPart === 'body' ? 'the body' : 'the query'
  const subject = where === '' ? whole : httpPart === 'headers' ? headerName(where) : where
  // A pattern says nothing to people; the title says what it is the pattern of.
  const property = propertiesOf(schema)[where.replace(/\..*/, '')]
  const title = first?.keyword === 'pattern' ? (property?.items ?? property)?.title : undefined
  // What no property may be, as where a schema allows none but its own.
  const message = first?.keyword === 'boolean' ? 'is not known here' : (oneOf(errors) ?? first?.message)
  const reason = title === undefined ? message : `has to be ${title}`
  return new HttpError(400, `${subject} ${reason ?? 'is not valid'}`)
}

/** Where it can be one of several values: which. */
function oneOf(errors: ReturnType<typeof Value.Errors>): string | undefined {
  const values = errors.flatMap(({ keyword, instancePath, params }) =>
    keyword === 'const' && instancePath === errors[0]?.instancePath ? [String(params.allowedValue)] : [],
  )
  return values.length > 1 ? `has to be ${values.slice(0, -1).join(', ')} or ${values.at(-1)}` : undefined
}

/** As it is written: `idempotency-key` is Idempotency-Key. */
const headerName = (lowerCase: string): string =>
  lowerCase.replace(/\b[a-z]/g, (letter) => letter.toUpperCase())

/** What of a property's schema counts here. */
interface Property {
  readonly type?: string
  readonly title?: string
  readonly items?: Property
}

const propertiesOf = (schema: { properties?: Record<string, Property> }): Record<string, Property> =>
  schema.properties ?? {}

/** Makes a value of what a query string holds; what it can't be made of stays as it is, for the schema to refuse. */
type Reader = (text: unknown) => unknown

const readersByType: Record<string, Reader | undefined> = {
  integer: (text) => (typeof text === 'string' && /^-?\d+$/.test(text) ? Number(text) : text),
  boolean: (text) => (text === 'true' || text === 'false' ? text === 'true' : text),
  // A name that is there once only is a text, not a list of one.
  array: (text) => (typeof text === 'string' ? [text] : text),
}

const readersOf = (schema: TSchema): [string, Reader][] =>
  Object.entries(propertiesOf(schema)).flatMap(([name, { type = '' }]) => {
    const reader = readersByType[type]
    return reader ? [[name, reader]] : []
  })

function readQuery(query: Record<string, unknown>, readers: readonly [string, Reader][]): void {
  for (const [name, read] of readers) if (name in query) query[name] = read(query[name])
}
