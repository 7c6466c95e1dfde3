/** Checks what a client sends against a route's TypeBox schemas, and says in words what is wrong with it. */
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { HttpError } from './errors.ts'

/** A query string's values are text, so they are converted first; a body must be of the right type as it is. */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  return (input: unknown) => {
    const value = httpPart === 'querystring' ? Value.Convert(schema, input) : input
    if (Value.Check(schema, value)) return { value }
    const [first] = Value.Errors(schema, value)
    const where = first?.instancePath.slice(1).replaceAll('/', '.') ?? ''
    const subject = where === '' ? (httpPart === 'body' ? 'the body' : 'the query') : where
    return { error: new HttpError(400, `${subject} ${first?.message ?? 'is not valid'}`) }
  }
}
