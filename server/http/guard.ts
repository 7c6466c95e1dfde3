/** What a page of another site can't do to a pod that its reader can reach. */
import { isIPv6 } from 'node:net'
import type { IncomingMessage } from 'node:http'
import type { OwnNames } from '../host/own-names.ts'
import {
  parseHostPattern,
  parseOriginPattern,
  plainName,
  type HostPattern,
  type OriginPattern,
} from '../text/host-pattern.ts'
import { HttpError } from './errors.ts'

/** Those that change nothing (RFC 9110, section 9.2.1). */
export const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** What is let through beside this server's own, as the flags of these names say. */
export interface Allowed {
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
}

/** Tells the requests that a page of another site may have made from all others. */
export class Guard {
  readonly #ownNames: OwnNames
  readonly #hosts: readonly HostPattern[]
  readonly #origins: readonly OriginPattern[]
  /** The last Host whose name fits, whoever asks: probes repeat theirs, and this is on the path of every request. */
  #lastFitting = 'localhost'

  constructor({ allowedHosts, allowedOrigins }: Allowed, ownNames: OwnNames) {
    this.#ownNames = ownNames
    this.#hosts = allowedHosts.flatMap((text) => parseHostPattern(text) ?? [])
    this.#origins = allowedOrigins.flatMap((text) => parseOriginPattern(text) ?? [])
  }

  /**
   * Says why a request is refused, or undefined when it may pass.
   * @param target as the request line has it
   * @param isUnsafe whether it does more than its method says
   */
  refusal(request: IncomingMessage, target: string, isUnsafe = false): HttpError | undefined {
    const { host } = request.headers
    return (
      (host === this.#lastFitting ? undefined : this.#hostRefusal(request, host)) ??
      (target.startsWith('/') ? undefined : this.#hostRefusal(request, authorityOf(target) ?? host)) ??
      (safeMethods.has(request.method ?? '') && !isUnsafe ? undefined : this.#originRefusal(request))
    )
  }

  /**
   * A hostile name that was rebound to an address of this host would be same-origin to a browser, so who may be a reader's browser has to ask by
   * a name that nobody else can own. In a pod that is who comes from 127.0.0.1 or ::1, as port-forward does; all others come through a
   * Service, an Ingress or a mesh, whose names are many. Outside of one it may be anyone: to a container that publishes its port the
   * reader's browser has the address of a bridge.
   */
  #hostRefusal(
    { httpVersionMajor, httpVersionMinor, socket }: IncomingMessage,
    host = '',
  ): HttpError | undefined {
    // One Host, as RFC 9112, section 3.2, has it; in HTTP/1.0 it may be missing, but then no browser speaks that.
    if (host === '' && httpVersionMajor === 1 && httpVersionMinor === 0) return undefined
    if (host === '' || host.includes(',')) return new HttpError(400, 'a request needs one Host header')
    if (this.#ownNames.inPod && !isPortForward(socket.remoteAddress)) return undefined
    const name = hostname(host)
    if (this.#ownNames.has(name) || this.#hosts.some((isAllowed) => isAllowed(name))) {
      this.#lastFitting = host
      return undefined
    }
    return new HttpError(
      403,
      `this server is not known as ${JSON.stringify(name)} here; name it in --allowed-hosts if it should be`,
    )
  }

  /**
   * Sec-Fetch-Site decides, since it survives a proxy that changes Host; browsers leave it out over plain HTTP (W3C Fetch Metadata), and then
   * Origin has to be where the request was sent. A page of another site can't give a request X-Forwarded-Host without being asked for
   * leave first (Fetch, CORS preflight), which this server never gives; a rebound one can, but is refused by its Host.
   */
  #originRefusal({ headers }: IncomingMessage): HttpError | undefined {
    const { origin, host, 'sec-fetch-site': site, 'x-forwarded-host': forwarded } = headers
    if (site === undefined ? origin === undefined : site === 'same-origin' || site === 'none')
      return undefined
    const from = origin !== undefined && URL.canParse(origin) ? new URL(origin) : undefined
    if (from && this.#origins.some((isAllowed) => isAllowed(from))) return undefined
    if (site !== undefined)
      return new HttpError(403, `${otherSite}; name its origin in --allowed-origins if it should`)
    const askedAs = [host, forwarded].flatMap((names) => String(names ?? '').split(','))
    if (from && askedAs.some((asked) => isSameHost(from, asked))) return undefined
    return new HttpError(
      403,
      `${otherSite}, and this comes from ${JSON.stringify(origin)}, but was sent to ${JSON.stringify(host)}; ` +
        'a proxy has to send the browser’s Host, in Host or X-Forwarded-Host, or --allowed-origins name the origin',
    )
  }
}

const otherSite = 'a page of another site may not change anything here'

/** The host that a target in absolute form names beside the Host header (RFC 9112, section 3.2.2). */
const authorityOf = (target: string): string | undefined => /^https?:\/\/([^/?#]*)/i.exec(target)?.[1]

/** Default ports are no part of a name, and a proxy may have dropped any other one (nginx's `$host`). */
function isSameHost(origin: URL, asked: string): boolean {
  const host = asked.trim().toLowerCase()
  if (host === '') return false
  return host === origin.hostname || host.replace(/:(80|443)$/, '') === origin.host
}

/** Where port-forward's connections come from: a mesh's sidecar has other addresses of 127.0.0.0/8. */
const isPortForward = (address: string | undefined): boolean =>
  address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1'

/** The name in a Host header: without its port, an IPv6 address's brackets or a final dot. */
function hostname(host: string): string {
  const inBrackets = /^\[(.*)\](?::\d*)?$/.exec(host)?.[1]
  return inBrackets !== undefined && isIPv6(inBrackets) ? inBrackets : plainName(host.replace(/:\d*$/, ''))
}
