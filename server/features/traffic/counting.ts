/** What of an answer is counted: its body's first line, a header, or a field of its JSON. */
import { printable } from '../../text/printable.ts'

/** How much of a body is kept for it, in bytes. */
export const keptBytes = 64 << 10

/** More of a text isn't told. */
const mostCharacters = 80

/** What is counted. */
export type Counting =
  { readonly of: 'body' } | { readonly of: 'header' | 'json'; readonly name: string } | undefined

/**
 * Reads `body`, `header:NAME` or `json:FIELD`.
 * @returns undefined for the empty text, `invalid` for any other
 */
export function countingOf(text: string): Counting | 'invalid' {
  if (text === '') return undefined
  if (text === 'body') return { of: 'body' }
  const [, of, name = ''] = /^(header|json):(.+)$/s.exec(text) ?? []
  if (of === 'header' && /^[!#$%&'*+\-.^_`|~\w]+$/.test(name)) return { of, name: name.toLowerCase() }
  return of === 'json' ? { of, name } : 'invalid'
}

/**
 * What an answer says there, in one line; in brackets if it says nothing.
 * @param headers names and values by turns
 * @param body the beginning of it
 */
export function countedIn(counting: NonNullable<Counting>, headers: readonly string[], body: Buffer): string {
  if (counting.of === 'header') return short(headerOf(headers, counting.name) ?? `(no ${counting.name})`)
  const text = body.toString()
  if (counting.of === 'body') return short(/^[^\r\n]*/.exec(text)?.[0] ?? '')
  return short(fieldIn(text, counting.name))
}

/** The first header of a name in lower case. @param headers names and values by turns */
export function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) {
    const candidate = headers[index] ?? ''
    if (candidate.length === name.length && candidate.toLowerCase() === name) return headers[index + 1]
  }
  return undefined
}

/** @param path names with dots between them; in lists, numbers from 0 */
function fieldIn(text: string, path: string): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return '(no JSON)'
  }
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return `(no ${path})`
    value = (value as Record<string, unknown>)[name]
  }
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const short = (text: string): string => printable(text.slice(0, mostCharacters))
