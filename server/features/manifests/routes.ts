/** GET P/manifests/: what to try, as a page or as JSON; GET P/manifests/PATH: a file, for `kubectl apply -f`. */
import * as Type from 'typebox'
import type { Static } from 'typebox'
import type { ShowPage } from '../../feature.ts'
import type { Http } from '../../http/http.ts'
import { preferenceOf } from '../../http/accept.ts'
import { HttpError, withStatus } from '../../http/errors.ts'
import { forbidCaching, nameJson } from '../../http/json.ts'
import { Image, imagePattern, maxImageLength } from './image.ts'
import { NoManifests, type Manifests } from './manifests.ts'
import { maxNamespaceLength, Namespace, namespacePattern } from './namespace.ts'
import { ManifestList } from './wire.ts'

const image = Type.Optional(
  Type.String({
    pattern: imagePattern,
    maxLength: maxImageLength,
    title: 'a name such as registry.example.com/me/kuard or localhost:5000/kuard:blue',
    description: 'stands in for kuard’s own image; without a tag it keeps each manifest’s',
  }),
)
const namespace = Type.Optional(
  Type.String({
    pattern: namespacePattern,
    maxLength: maxNamespaceLength,
    title: 'a name of small letters, digits and hyphens',
    description: 'stands in for default where a file names a namespace, as the subject of a binding has to',
  }),
)
const fileQuery = Type.Object({ image, namespace })

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
        querystring: Type.Object({ image }),
        response: {
          200: {
            description: 'the list',
            content: {
              'application/json': { schema: ManifestList },
              'text/html': { schema: Type.String() },
            },
          },
          404: Type.String({ description: 'this server was started without its manifests' }),
        },
      },
      errorHandler,
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

  http.get<{ Params: { '*': string }; Querystring: Static<typeof fileQuery> }>(
    '/manifests/*',
    {
      schema: {
        summary: 'A file, as it is or with another image or namespace',
        querystring: fileQuery,
        produces: ['text/plain'],
        response: { 200: Type.String(), 404: Type.String({ description: 'there is no such file' }) },
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
