/** Checks what a client sends against a route's schemas; what does so is loaded with the first request of a route that has some. */
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { LateSchema } from './schemas.ts'
import type { Validate } from './validator.ts'

/** What Fastify takes for an answer: a promise too, but in its types of one only that a linter has marked. */
type Answer = ReturnType<ReturnType<FastifySchemaCompiler<TSchema>>>

const allowed = () => true

export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  // A body that is to be text is read as text.
  if (httpPart === 'body' && 'type' in schema && schema.type === 'string') return allowed
  let validate: Validate | undefined
  let loading: Promise<Validate> | undefined
  const load = async (): Promise<Validate> => {
    try {
      const { validator } = await import('./validator.ts')
      return (validate = validator(schema instanceof LateSchema ? await schema.load() : schema, httpPart))
    } catch (error) {
      // Else Fastify takes it for the client's fault, and tells it where this server's files are.
      throw Object.assign(error as Error, { statusCode: 500 })
    } finally {
      // What could not be read for want of open files, say, is tried again.
      loading = undefined
    }
  }
  const validateLate = async (input: unknown): Promise<void> => {
    const verdict = (await (loading ??= load()))(input)
    // Of a promise Fastify wants no verdict, but that it rejects.
    if (verdict !== true) throw verdict.error
  }
  return (input: unknown) => validate?.(input) ?? (validateLate(input) as Promise<unknown> as Answer)
}
