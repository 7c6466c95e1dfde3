/** Where Redis is, as `--memq-store` and the surroundings say it. */
import { readFileSync } from 'node:fs'

/** Who to ask, and as whom. */
export interface RedisAddress {
  /** Without a user and a password. */
  readonly url: string
  /** Host and port, for messages. */
  readonly shown: string
  readonly username: string | undefined
  readonly password: string | undefined
}

/**
 * Reads a URL such as `redis://queue-redis:6379/0`, or `rediss://` for TLS.
 * @param passwordFile as a mounted Secret gives it; empty for none
 * @param password from the environment, where there is no file
 * @throws Error saying what is wrong, never with a password in it
 */
export function redisAddress(text: string, passwordFile: string, password: string | undefined): RedisAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '')
    throw new Error('must be memory, or a URL such as redis://HOST:6379/0 or rediss://USER@HOST:6379/0')
  if (!/^(\/\d*)?$/.test(url.pathname) || url.search !== '' || url.hash !== '')
    throw new Error('may have nothing but the number of a database after the host')
  const { username } = url
  const own = url.password === '' ? undefined : decodeURIComponent(url.password)
  url.username = ''
  url.password = ''
  return {
    url: url.href,
    shown: url.host,
    username: username === '' ? undefined : decodeURIComponent(username),
    password: passwordFile === '' ? (own ?? password) : passwordIn(passwordFile),
  }
}

function passwordIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new Error(`the file of --memq-password-file can't be read: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
