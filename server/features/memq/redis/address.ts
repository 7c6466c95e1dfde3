/** Where Redis is, as `--memq-store` and the surroundings say it. */
import { readFileSync } from 'node:fs'
import { isIPv6 } from 'node:net'

/** One server's. */
export interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** Who knows which of several servers is the primary. */
export interface SentinelsAddress {
  readonly hosts: readonly HostAndPort[]
  /** By which they know the primary and its replicas together. */
  readonly name: string
}

/** Who to ask, and as whom. */
export interface RedisAddress {
  readonly isTls: boolean
  /** One server, any node of a cluster, or sentinels that know which one. */
  readonly place: HostAndPort | SentinelsAddress
  readonly database: number
  /** For messages. */
  readonly shown: string
  readonly username: string | undefined
  readonly password: string | undefined
}

const forms =
  'a URL such as redis://HOST:6379/0 or rediss://USER@HOST:6379/0, or of sentinels: redis+sentinel://HOST:26379,HOST:26379/NAME/0'

/** What is left of the host is NAME and the database where it is of sentinels. */
const urlForm = /^(rediss?)(\+sentinel)?:\/\/(?:([^/]*)@)?([^@/?#]+)(?:\/(.*))?$/i

/**
 * Reads a URL such as `redis://queue-redis:6379/0`, `rediss://` for TLS, or `redis+sentinel://HOST:26379,HOST:26379/NAME/0`.
 * @param passwordFile as a mounted Secret gives it; empty for none
 * @param password from the environment, where there is no file
 * @throws Error saying what is wrong, never with a password in it
 */
export function redisAddress(text: string, passwordFile: string, password: string | undefined): RedisAddress {
  const [, scheme, sentinel, credentials = '', hosts, path = ''] = urlForm.exec(text) ?? []
  if (scheme === undefined || hosts === undefined) throw new Error(`must be memory, or ${forms}`)
  const [username = '', ...words] = credentials.split(':').map(decoded)
  const own = words.join(':')
  const places = (sentinel === undefined ? [hosts] : hosts.split(',')).map((host) =>
    placeOf(host, sentinel === undefined ? 6379 : 26_379),
  )
  const [name, database] = sentinel === undefined ? ['', path] : parted(path)
  if (!/^\d*$/.test(database))
    throw new Error('may have nothing but the number of a database after the host, or the sentinels’ NAME')
  const [first] = places
  if (!first) throw new Error(`must be memory, or ${forms}`)
  return {
    isTls: scheme.toLowerCase() === 'rediss',
    place: sentinel === undefined ? first : { hosts: places, name },
    database: Number(database),
    shown: sentinel === undefined ? shownAs(first) : `${name} of ${places.map(shownAs).join(', ')}`,
    username: username === '' ? undefined : username,
    password: passwordFile === '' ? (own === '' ? password : own) : passwordIn(passwordFile),
  }
}

/** The name and what is after its slash. */
function parted(path: string): [name: string, rest: string] {
  const [name = '', ...rest] = path.split('/')
  if (name === '') throw new Error('must have the name of the primary after the sentinels: /mymaster')
  return [decoded(name), rest.join('/')]
}

/** @throws Error for what is no host, with a port or without */
function placeOf(text: string, defaultPort: number): HostAndPort {
  const url = URL.canParse(`redis://${text}`) ? new URL(`redis://${text}`) : undefined
  if (!url || url.hostname === '') throw new Error(`must be memory, or ${forms}`)
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? defaultPort : Number(url.port),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new Error('has a % that is followed by no two hex digits')
  }
}

/** As a URL has it. */
export const shownAs = ({ host, port }: HostAndPort): string => `${isIPv6(host) ? `[${host}]` : host}:${port}`

function passwordIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new Error(`the file of --memq-password-file can't be read: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
