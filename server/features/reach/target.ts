/** What a user names as a target, read into what to connect to and what to say there. */
import { isIP, isIPv6 } from 'node:net'

/** The port that counts when none is named; null where one has to be. */
const ports = {
  tcp: 80,
  tls: 443,
  http: 80,
  https: 443,
  grpc: null,
  grpcs: null,
  redis: 6379,
  postgres: 5432,
  mysql: 3306,
  smtp: 25,
  dns: 53,
} as const

/** How to speak to it; `tcp` says nothing. */
export type Scheme = keyof typeof ports

/** Where to connect to, and what for. */
export interface Target {
  /** As it was typed. */
  readonly text: string
  readonly scheme: Scheme
  /** A name in ASCII, or an address without brackets, an IPv6 one perhaps with its zone. */
  readonly host: string
  readonly port: number
  /** Whether the port was named. */
  readonly namesPort: boolean
  /** What follows: path and query of HTTP, the service of gRPC, the full name that a name server is asked for. */
  readonly rest: string
}

/** A target that can't be read; the message says why. */
export class BadTarget extends Error {
  override name = 'BadTarget'
}

/**
 * Reads a target, in the forms that wire.ts lists.
 * @throws BadTarget
 */
export function parseTarget(text: string): Target {
  if (text === '' || /[\s\p{Cc}]/u.test(text)) throw new BadTarget('it is empty, or has a space in it')
  const [, named = 'tcp', authority = '', rest = ''] = /^(?:([a-z]+):\/\/)?([^/?#]*)(.*)$/i.exec(text) ?? []
  const scheme = schemeOf(named.toLowerCase())
  // Whoever looks at the page sees the targets.
  if (authority.includes('@')) throw new BadTarget('it must not hold a user name or password')
  const [written, digits] = splitPort(authority)
  const port = digits === undefined ? ports[scheme] : portOf(digits)
  if (port === null) throw new BadTarget(`it needs a port, as in ${scheme}://kuard:9090`)
  return {
    text,
    scheme,
    host: hostOf(written),
    port,
    namesPort: digits !== undefined,
    rest: restOf(scheme, rest),
  }
}

function schemeOf(name: string): Scheme {
  if (name === 'postgresql') return 'postgres'
  if (Object.hasOwn(ports, name)) return name as Scheme
  throw new BadTarget(`there is no ${name}:// here, but ${Object.keys(ports).join(', ')}`)
}

/** @returns the host without brackets, and the port's digits */
function splitPort(authority: string): [host: string, port: string | undefined] {
  if (isIPv6(authority)) return [authority, undefined]
  const [, bracketed, plain = '', port] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(authority) ?? []
  if (bracketed !== undefined && !isIPv6(bracketed)) throw new BadTarget(`${bracketed} is no IPv6 address`)
  return [bracketed ?? plain, port]
}

function portOf(digits: string): number {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0
  if (port < 1 || port > 65535) throw new BadTarget('its port must be a number from 1 to 65535')
  return port
}

/** The URL parser knows every way of writing an IPv4 address (decimal, hexadecimal, octal), and letters beyond ASCII. */
function hostOf(written: string): string {
  if (isIPv6(written)) return written
  const url = `http://${written}/`
  if (written === '' || !URL.canParse(url)) throw new BadTarget('it has no host name or address')
  const { hostname } = new URL(url)
  if (isIP(hostname) === 0) checkName(hostname)
  return hostname
}

function restOf(scheme: Scheme, rest: string): string {
  if (scheme === 'http' || scheme === 'https') {
    const { pathname, search } = new URL(`http://host${rest}`)
    return pathname + search
  }
  if (scheme !== 'dns' && scheme !== 'grpc' && scheme !== 'grpcs') return ''
  const name = decode(rest.replace(/^\//, ''))
  if (scheme === 'dns') {
    if (name === '')
      throw new BadTarget('it has no name to ask for, as in dns://10.96.0.10/kuard.default.svc.cluster.local')
    checkName(name)
  }
  return name
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new BadTarget('it has a percent sign that is not followed by what it should be')
  }
}

/** Sizes by RFC 1035, section 2.3.4. */
function checkName(name: string): void {
  const labels = name.replace(/\.$/, '').split('.')
  const isTooLong = name.length > 254 || labels.some((label) => Buffer.byteLength(label) > 63)
  if (isTooLong) throw new BadTarget('its name is longer than DNS allows: 63 bytes between dots, 253 in all')
  if (labels.includes('')) throw new BadTarget('its name has nothing between two dots')
}

/** Such as `10.96.0.10:53` or `[fd00::1]:53`. */
export const endpoint = (host: string, port: number): string => `${isIPv6(host) ? `[${host}]` : host}:${port}`
