/** A message's body as people can read it, whatever is in it. */

/** Signs that can't be seen, or that turn the text around them. */
const hidden = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu

/** Joins emoji, and letters of some scripts. */
const joiners = new Set(['\u200c', '\u200d'])

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\0': '\\0' }

/** As JavaScript writes it. */
function visible(sign: string): string {
  if (joiners.has(sign)) return sign
  return escapes[sign] ?? `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`
}

/** With an escape for each sign that can't be seen; lines and tabs stay. */
export const shownBody = (body: string): string =>
  body.replace(hidden, (sign) => (sign === '\n' || sign === '\t' ? sign : visible(sign)))

/** On one line, of at most so many characters. */
export function bodyLine(body: string, longest: number): string {
  // What is cut off needs no look.
  const characters = Array.from(body.slice(0, 2 * longest + 2))
  const start = characters.slice(0, longest).join('').replace(hidden, visible)
  return characters.length > longest ? `${start}…` : start
}

/** The messages of a text with one on each line; empty lines are none. */
export const linesOf = (text: string): readonly string[] =>
  text.split(/\r?\n/).filter((line) => line.trim() !== '')
