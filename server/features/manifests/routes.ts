/** GET P/manifests/: what to try, as a page or as JSON; GET P/manifests/PATH: a file, for `kubectl apply -f`. */
import type { ShowPage } from '../../feature.ts'
import type { Http } from '../../http/http.ts'
import { preferenceOf } from '../../http/accept.ts'
import { HttpError, withStatus } from '../../http/errors.ts'
import { forbidCaching, nameJson } from '../../http/json.ts'
import { schemasOf, text } from '../../http/schemas.ts'
import { Image } from './image.ts'
import { NoManifests, type Manifests } from './manifests.ts'
import { Namespace } from './namespace.ts'
import type { FileQuery } from './wire.ts'

const schemaOf = schemasOf(() => import('./wire.ts'))

const errorHandler = withStatus((error) => (error instanceof NoManifests ? 404 : undefined))

/**
 * Mounts every route.
 * @param showPage for a browser, if there is a UI
 */
export function manifestRoutes(http: Http, manifests: Manifests, showPage: ShowPage | undefined): void {
  http.get(
    '/manifests/',
    {
      schema: {
        summary: 'The files and what to try with them, chapter by chapter; a page for a browser',
        querystring: schemaOf('ListQuery'),
        response: {
          200: {
            description: 'the list',
            content: {
              'application/json': { schema: schemaOf('ManifestList') },
              'text/html': { schema: text() },
            },
          },
          404: text('this server was started without its manifests'),
        },
      },
      errorHandler,
      config: { page: true },
      // The page asks for the list itself, and says what is wrong.
      attachValidation: true,
    },
    async (request, reply) => {
      reply.header('vary', 'Accept')
      if (showPage && preferenceOf(request.headers.accept).page) return showPage(request, reply)
      if (request.validationError) throw request.validationError
      const list = await manifests.list(imageOf(request.query.image))
      forbidCaching(reply)
      return nameJson(reply).send(list)
    },
  )

  http.get<{ Params: { '*': string }; Querystring: FileQuery }>(
    '/manifests/*',
    {
      schema: {
        summary: 'A file, as it is or with another image or namespace',
        querystring: schemaOf('FileQuery'),
        produces: ['text/plain'],
        response: { 200: text(), 404: text('there is no such file') },
      },
      errorHandler,
    },
    async ({ params, query }, reply) => {
      const namespaces = query.namespace === undefined ? [] : [new Namespace(query.namespace)]
      const images = query.image === undefined ? [] : [new Image(query.image)]
      const text = await manifests.text(params['*'], [...images, ...namespaces])
      if (text === undefined)
        throw new HttpError(404, 'there is no such manifest; manifests/ lists those that there are')
      forbidCaching(reply)
      return (
        reply
          // kubectl goes by what is in it, and a browser shows it, where it would save YAML's own application/yaml.
          .type('text/plain; charset=utf-8')
          .send(text)
      )
    },
  )
}

const imageOf = (text: string | undefined): Image | undefined =>
  text === undefined ? undefined : new Image(text)
