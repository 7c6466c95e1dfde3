/** GET P/ and P/-/ANYTHING: the UI's page; GET P/assets/NAME: what it loads. */
import type { FastifySchema } from 'fastify'
import { lookup } from 'mrmime'
import * as Type from 'typebox'
import type { ShowPage } from '../../feature.ts'
import type { Http } from '../../http/http.ts'
import { HttpError } from '../../http/errors.ts'
import { withoutPrefix } from '../../http/prefix.ts'
import type { Identity } from '../../identity/wire.ts'
import type { Ui } from './ui.ts'

const inert = { 'referrer-policy': 'no-referrer' }

/** @param identify says who answers */
export const showsPage =
  (ui: Ui, identify: () => Identity): ShowPage =>
  async (request, reply) => {
    const [path = '/'] = withoutPrefix(request.originalUrl).split('?', 1)
    // How many folders deep the page's own address is below its prefix.
    const depth = path.split('/').length - 2
    return reply
      .headers(inert)
      .header('content-security-policy', await ui.policy())
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(await ui.html(identify(), '../'.repeat(depth)))
  }

/** Mounts every route. */
export function pageRoutes(http: Http, ui: Ui, showPage: ShowPage): void {
  const schema: FastifySchema = { produces: ['text/html'], response: { 200: Type.String() } }
  for (const path of ['/', '/-/*']) http.get(path, { schema }, showPage)

  http.get(
    '/assets/:name',
    { schema: { params: Type.Object({ name: Type.String() }), hide: true } },
    async ({ params: { name }, headers }, reply) => {
      const asset = await ui.asset(name, /\bgzip\b/.test(String(headers['accept-encoding'])))
      if (!asset) throw new HttpError(404, 'the page that loads this is of another build than this server')
      if (asset.encoding) reply.header('content-encoding', asset.encoding)
      return (
        reply
          .headers(inert)
          // For the shared worker, which is under no page's policy but its own.
          .header('content-security-policy', "default-src 'none'; connect-src 'self'")
          .header('vary', 'Accept-Encoding')
          // Its name has a hash of what is in it.
          .header('cache-control', 'public, max-age=31536000, immutable')
          .type(lookup(name) ?? 'application/octet-stream')
          .send(asset.bytes)
      )
    },
  )
}
