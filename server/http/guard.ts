/** What a page of another site can't do to a pod that its reader has port-forwarded. */
import { isIP } from 'node:net'
import type { IncomingMessage } from 'node:http'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Says why a request is refused, or undefined when it may pass.
 *
 * An unsafe method is refused when a browser says it comes from another site: Sec-Fetch-Site first (it survives
 * a proxy that changes Host, as `kubectl proxy` does), else Origin against Host (W3C Fetch Metadata).
 * From this machine itself, which is where port-forward's connections come from, Host must be localhost, an IP address or an
 * allowed name: a hostile name that was rebound to 127.0.0.1 would be same-origin to a browser.
 * @param allowedHosts the names of `--allowed-hosts`, lower case
 */
export function refusal(request: IncomingMessage, allowedHosts: ReadonlySet<string>): string | undefined {
  const host = request.headers.host ?? ''
  if (isLoopback(request.socket.remoteAddress) && !isLocalHost(host, allowedHosts)) {
    return `this server is not known as ${JSON.stringify(hostname(host))} here; name it in --allowed-hosts if it should be`
  }
  if (safeMethods.has(request.method ?? '')) return undefined
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) {
    return site === 'same-origin' || site === 'none'
      ? undefined
      : 'a page of another site may not change anything here'
  }
  const { origin } = request.headers
  return origin === undefined || originHost(origin) === host.toLowerCase()
    ? undefined
    : 'a page of another site may not change anything here'
}

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined &&
  (address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.'))

/** The last Host that was found to be local: probes repeat theirs, and this is on the path of every request. */
let lastLocalHost = ''

function isLocalHost(host: string, allowedHosts: ReadonlySet<string>): boolean {
  if (host === lastLocalHost) return true
  const name = hostname(host)
  const local =
    name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0 || allowedHosts.has(name)
  if (local) lastLocalHost = host
  return local
}

/** The name in a Host header: without its port, an IPv6 address's brackets or a final dot. */
function hostname(host: string): string {
  const name = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d*$/, '')
  return name.toLowerCase().replace(/\.$/, '')
}

const originHost = (origin: string): string => (URL.canParse(origin) ? new URL(origin).host : '')
