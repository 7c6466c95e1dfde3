/** Host names and origins as `--allowed-hosts` and `--allowed-origins` name them, patterns among them. */

/** A host name as names are compared: without its case or final dot. */
export const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '')

/** Whether a name, as `plainName` gives it, is one that a pattern means. */
export type HostPattern = (name: string) => boolean

/**
 * Reads a pattern: `kuard.example.com`; `*.example.com` for all names below; `.example.com` for these and the name itself; `*` for any.
 * @returns undefined when it is none
 */
export function parseHostPattern(text: string): HostPattern | undefined {
  if (text === '*') return () => true
  const [, wildcard = '', written = ''] = /^(\*?\.)?(.*)$/s.exec(text) ?? []
  const name = hostName(written)
  if (name === undefined) return undefined
  if (wildcard === '') return (asked) => asked === name
  return (asked) => asked.endsWith(`.${name}`) || (wildcard === '.' && asked === name)
}

/** Whether an origin is one that a pattern means. */
export type OriginPattern = (origin: URL) => boolean

/**
 * Reads `https://kuard.example.com:8443`, the host a pattern as above; without a port it is the scheme's own.
 * @returns undefined when it is none
 */
export function parseOriginPattern(text: string): OriginPattern | undefined {
  if (text === '*') return () => true
  const [, scheme = '', host = '', port = ''] = /^(https?):\/\/([^:/]+)(?::(\d+))?$/i.exec(text) ?? []
  const isHost = parseHostPattern(host)
  const example = `${scheme.toLowerCase()}://host:${port}`
  if (!isHost || !URL.canParse(example)) return undefined
  const wanted = new URL(example)
  return (origin) =>
    origin.protocol === wanted.protocol && origin.port === wanted.port && isHost(plainName(origin.hostname))
}

/** A name as browsers send it, in ASCII. */
function hostName(text: string): string | undefined {
  if (/[^\p{L}\p{M}\p{N}._-]/u.test(text) || !URL.canParse(`http://${text}`)) return undefined
  const name = plainName(new URL(`http://${text}`).hostname)
  return name.split('.').includes('') ? undefined : name
}
