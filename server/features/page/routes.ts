/** GET P/ and P/-/ANYTHING: the UI's page; GET P/assets/NAME: what it loads. */
import type { FastifySchema } from 'fastify'
import type { ShowPage } from '../../feature.ts'
import type { Http } from '../../http/http.ts'
import { hijacked } from '../../http/hijack.ts'
import { text } from '../../http/schemas.ts'
import { staticFiles, type AnswerFile } from '../../http/static-files.ts'
import { withoutPrefix } from '../../http/prefix.ts'
import type { Identity } from '../../identity/wire.ts'
import type { Ui } from './ui.ts'

/** A browser is told these of each file, not only of the page: the shared worker is under no policy but its own. */
const assetHeaders = {
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; connect-src 'self'",
}

const fromAnotherBuild = 'the page that loads this is of another build than this server'

/** @param identify says who answers */
export const showsPage =
  (ui: Ui, identify: () => Identity): ShowPage =>
  async (request, reply) => {
    const [path = '/'] = withoutPrefix(request.originalUrl).split('?', 1)
    // How many folders deep the page's own address is below its prefix.
    const depth = path.split('/').length - 2
    return reply
      .header('referrer-policy', 'no-referrer')
      .header('content-security-policy', await ui.policy())
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(await ui.html(identify(), '../'.repeat(depth)))
  }

/**
 * Mounts every route.
 * @param assets the folder of what the page loads
 */
export function pageRoutes(http: Http, assets: string, showPage: ShowPage): void {
  let answering: Promise<AnswerFile> | undefined
  const schema: FastifySchema = { produces: ['text/html'], response: { 200: text() } }
  for (const path of ['/', '/-/*']) http.get(path, { schema, config: { page: true } }, showPage)

  http.get(
    '/assets/*',
    { schema: { hide: true }, config: { exemptFrom: ['faults'] } },
    async (request, reply) => {
      const answer = await (answering ??= staticFiles(assets, '/assets/', assetHeaders, fromAnotherBuild))
      answer(request.raw, hijacked(reply))
    },
  )
}
