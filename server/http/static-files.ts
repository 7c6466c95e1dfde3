/** Files that never change, by @fastify/static: in an app of its own, made when the first one is asked for, so that a start isn't slowed. */
import { fastify, type FastifyInstance, type FastifyReply } from 'fastify'
import { noCompilers } from './no-compilers.ts'

/** Answers a request for a file, with a response that may have headers already. */
export type AnswerFile = FastifyInstance['routing']

/**
 * @param root the folder of the files, each with its gzipped twin beside it
 * @param prefix of their addresses, such as `/assets/`
 * @param headers that each has
 * @param missing the words where there is no such file
 */
export async function staticFiles(
  root: string,
  prefix: string,
  headers: Readonly<Record<string, string>>,
  missing: string,
): Promise<AnswerFile> {
  const { default: serveFiles } = await import('@fastify/static')
  const http = fastify({ logger: false, schemaController: noCompilers })
  await http.register(serveFiles, {
    root,
    prefix,
    index: false,
    decorateReply: false,
    preCompressed: true,
    allowedPath: (path) => !path.endsWith('.gz'),
    maxAge: '365d',
    immutable: true,
    setHeaders(reply) {
      reply.headers(headers)
    },
  })
  const answer = (reply: FastifyReply, status: number, words: string) =>
    reply.code(status).type('text/plain; charset=utf-8').send(`${words}\n`)
  http.setNotFoundHandler((_request, reply) => answer(reply, 404, missing))
  http.setErrorHandler(({ statusCode = 500 }: { statusCode?: number }, _request, reply) => {
    // What is no name of a file is the name of none.
    if (statusCode < 500) reply.callNotFound()
    else answer(reply, statusCode, 'internal server error')
  })
  await http.ready()
  return http.routing.bind(http)
}
