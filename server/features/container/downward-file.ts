/** A file of the downward API with labels or annotations: lines such as `tier="front"`, sorted by key. */

/** The kubelet writes values as Go quotes them (its pkg/volume/downwardapi and fieldpath.FormatMap, by strconv.Quote). */
const line = /^([^=\s"]+)=("(?:[^"\\]|\\.)*")$/

/** @returns undefined for text that is no such file, or is empty */
export function parseDownwardFile(text: string): { name: string; value: string }[] | undefined {
  const lines = text.replace(/\n$/, '').split('\n')
  const entries = lines.map((one) => {
    const [, name, quoted] = line.exec(one) ?? []
    const value = quoted === undefined ? undefined : unquote(quoted)
    return name === undefined || value === undefined ? undefined : { name, value }
  })
  return entries.every((entry) => entry !== undefined) ? entries : undefined
}

/** What JSON has no escape for. */
const escapes: Readonly<Record<string, string>> = { a: '\x07', v: '\v' }

/** @returns undefined for what Go would not have written */
function unquote(quoted: string): string | undefined {
  const json = quoted.replace(
    /\\(?:x([\da-f]{2})|U([\da-f]{8})|([av]))|\\./g,
    (whole, byte?: string, long?: string, letter?: string) => {
      const character = letter === undefined ? characterOf(byte ?? long) : escapes[letter]
      return character === undefined ? whole : JSON.stringify(character).slice(1, -1)
    },
  )
  try {
    return String(JSON.parse(json))
  } catch {
    return undefined
  }
}

/** A byte that is no UTF-8 has no character of its own; above Unicode's last there is none. */
function characterOf(hex: string | undefined): string | undefined {
  const code = hex === undefined ? Infinity : Number.parseInt(hex, 16)
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : undefined
}
