/** Checks what a client sends against a route's TypeBox schemas, and says in words what is wrong with it. */
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { HttpError } from './errors.ts'

/** A schema that is used this often is compiled; what a person clicks never is, nor is the compiler loaded for it. */
const usesBeforeCompiling = 100

/** A query string's values are text, so whole numbers are read first; a body must be of the right type as it is. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const numbers = httpPart === 'querystring' ? integersOf(schema) : []
  let check = (value: unknown) => Value.Check(schema, value)
  let uses = 0
  return (input: unknown) => {
    if (uses++ === usesBeforeCompiling) void compile(schema).then((compiled) => (check = compiled))
    if (numbers.length > 0) readIntegers(input as Record<string, unknown>, numbers)
    return check(input) || { error: refusal(schema, httpPart, input) }
  }
}

async function compile(schema: TSchema): Promise<(value: unknown) => boolean> {
  const { Compile } = await import('typebox/compile')
  const compiled = Compile(schema)
  return (value) => compiled.Check(value)
}

function refusal(schema: TSchema, httpPart: string | undefined, input: unknown): HttpError {
  const [first] = Value.Errors(schema, input)
  const where = first?.instancePath.slice(1).replaceAll('/', '.') ?? ''
  const subject = where === '' ? (httpPart === 'body' ? 'the body' : 'the query') : where
  return new HttpError(400, `${subject} ${first?.message ?? 'is not valid'}`)
}

/** The names of a query's whole numbers. */
const integersOf = (schema: { properties?: Record<string, { type?: string }> }): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, { type }]) => (type === 'integer' ? [name] : []))

/** Turns digits into numbers in place; anything else stays a text, which no schema takes for a number. */
function readIntegers(query: Record<string, unknown>, names: readonly string[]): void {
  for (const name of names) {
    const text = query[name]
    if (typeof text === 'string' && /^-?\d+$/.test(text)) query[name] = Number(text)
  }
}
