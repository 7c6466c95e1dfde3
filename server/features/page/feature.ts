/** The page at P/ and P/-/ANYTHING: who this server is, and where its parts are. */
import { Type } from 'typebox'
import type { Feature } from '../../feature.ts'
import { prefixes } from '../../http/prefix.ts'
import type { Identity } from '../request/wire.ts'
import { renderPage } from './page.ts'

/**
 * @param identify says who answers
 * @param features those that are on
 */
export function pageFeature(identify: () => Identity, features: readonly Feature[]): Feature {
  const names = new Set(features.map(({ name }) => name))
  return {
    name: 'page',
    routes(http) {
      const schema = { produces: ['text/html'], response: { 200: Type.String() } }
      for (const path of ['/', '/-/*']) {
        http.get(path, { schema }, (request, reply) => {
          // How many folders deep the page's own address is below its prefix.
          const depth = request.url.replace(/\?.*/, '').split('/').length - 2
          reply
            .header('content-security-policy', "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
            .header('x-content-type-options', 'nosniff')
            .header('cache-control', 'no-cache')
            .type('text/html; charset=utf-8')
            .send(renderPage(identify(), '../'.repeat(depth), names))
        })
      }
      // Without its slash a prefix would be the wrong base for the page's relative links.
      for (const prefix of prefixes) {
        http.get(prefix, { schema: { hide: true } }, (_request, reply) => reply.redirect(`.${prefix}/`, 301))
      }
    },
  }
}
