/** An upstream, as `--upstream` names it. */
import { refuseUrl } from '../../client/address.ts'

/** How many a pod may have. */
export const maxUpstreams = 16

/** Where a kuard is asked. */
const chainPath = '/chain'

/** What is asked; without a path it is a kuard's chain. @throws Error that says what is wrong with the URL */
export function parseUpstream(text: string): URL {
  if (!URL.canParse(text)) throw new Error('must be a URL such as http://backend:8080')
  const url = new URL(text)
  const refusal = refuseUrl(url)
  if (refusal !== undefined) throw new Error(refusal)
  if (url.hash !== '') throw new Error('must be a URL without #')
  // A final slash is a path: that of another program's front page.
  if (/^https?:\/\/[^/?]+$/i.test(text)) url.pathname = chainPath
  return url
}
