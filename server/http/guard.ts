/** What a page of another site can't do to a pod that its reader has port-forwarded. */
import { isIP, isIPv6 } from 'node:net'
import type { IncomingMessage } from 'node:http'
import { HttpError } from './errors.ts'

/** Those that change nothing (RFC 9110, section 9.2.1). */
export const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Tells the requests that a page of another site may have made from all others. */
export class Guard {
  readonly #allowedHosts: ReadonlySet<string>
  /** The last Host that was found to be local: probes repeat theirs, and this is on the path of every request. */
  #lastLocalHost = 'localhost'

  /** @param allowedHosts the names of `--allowed-hosts` */
  constructor(allowedHosts: readonly string[]) {
    this.#allowedHosts = new Set(allowedHosts.map(plainName))
  }

  /**
   * Says why a request is refused, or undefined when it may pass.
   *
   * An unsafe method is refused when a browser says it comes from another site: Sec-Fetch-Site first (it survives
   * a proxy that changes Host, as `kubectl proxy` does), else Origin against Host (W3C Fetch Metadata).
   * @param target as the request line has it
   */
  refusal(request: IncomingMessage, target: string): HttpError | undefined {
    const { host } = request.headers
    const unfit =
      (host === this.#lastLocalHost ? undefined : this.#hostRefusal(request, host)) ??
      (target.startsWith('/') ? undefined : this.#hostRefusal(request, authorityOf(target) ?? host))
    if (unfit || safeMethods.has(request.method ?? '') || isFromHere(request, host)) return unfit
    return new HttpError(403, 'a page of another site may not change anything here')
  }

  /**
   * From this machine itself, which is where port-forward's connections come from, Host must be localhost, an IP address or
   * an allowed name: a hostile name that was rebound to 127.0.0.1 would be same-origin to a browser.
   */
  #hostRefusal({ httpVersionMinor, socket }: IncomingMessage, host = ''): HttpError | undefined {
    // One Host, as RFC 9112, section 3.2, has it; in HTTP/1.0 it may be missing, but then no browser speaks that.
    if (host.includes(',') || (host === '' && httpVersionMinor > 0))
      return new HttpError(400, 'a request needs one Host header')
    if (host === '' || !isLoopback(socket.remoteAddress)) return undefined
    const name = hostname(host)
    if (this.#isLocal(name)) {
      this.#lastLocalHost = host
      return undefined
    }
    return new HttpError(
      403,
      `this server is not known as ${JSON.stringify(name)} here; name it in --allowed-hosts if it should be`,
    )
  }

  #isLocal(name: string): boolean {
    return (
      name === 'localhost' || name.endsWith('.localhost') || isIP(name) !== 0 || this.#allowedHosts.has(name)
    )
  }
}

/** The host that a target in absolute form names beside the Host header (RFC 9112, section 3.2.2). */
const authorityOf = (target: string): string | undefined => /^https?:\/\/([^/?#]*)/i.exec(target)?.[1]

function isFromHere({ headers }: IncomingMessage, host: string | undefined): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const { origin } = headers
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host?.toLowerCase())
}

const isLoopback = (address: string | undefined): boolean =>
  address !== undefined &&
  (address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.'))

/** The name in a Host header: without its port, an IPv6 address's brackets or a final dot. */
function hostname(host: string): string {
  const inBrackets = /^\[(.*)\](?::\d*)?$/.exec(host)?.[1]
  return inBrackets !== undefined && isIPv6(inBrackets) ? inBrackets : plainName(host.replace(/:\d*$/, ''))
}

const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '')
