/** Writes the few shapes of YAML that a manifest's fields need, with comments. */

export type Yaml =
  string | number | boolean | readonly Yaml[] | { readonly [name: string]: Yaml | undefined } | Noted

/** A value with a comment behind it, or above what is of several lines. */
export class Noted {
  readonly value: Yaml
  readonly comment: string

  constructor(value: Yaml, comment: string) {
    this.value = value
    this.comment = comment
  }
}

export const noted = (value: Yaml, comment: string): Noted => new Noted(value, comment)

/** A block of lines, without a final line break. Fields that are undefined are left out. */
export const toYaml = (value: Yaml): string => linesOf(value).join('\n')

/** What stands for itself: no sign of YAML's, no number and no word that means something else. */
const plainText = /^[A-Za-z/][\w./:-]*$/
const reserved = /^(?:true|false|yes|no|on|off|y|n|null)$/i

function scalarOf(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value)
  const isPlain = plainText.test(value) && !reserved.test(value) && !value.endsWith(':')
  return isPlain ? value : JSON.stringify(value)
}

function linesOf(value: Yaml): string[] {
  if (value instanceof Noted) return linesOf(value.value)
  if (isList(value)) return value.flatMap(itemLines)
  if (typeof value === 'object')
    return Object.entries(value).flatMap(([name, field]) => fieldLines(name, field))
  return [scalarOf(value)]
}

const isList = (value: Yaml): value is readonly Yaml[] => Array.isArray(value)

function itemLines(item: Yaml): string[] {
  const [first = '', ...rest] = linesOf(item)
  const comment = item instanceof Noted ? [`# ${item.comment}`] : []
  return [...comment, `- ${first}`, ...rest.map((line) => `  ${line}`)]
}

function fieldLines(name: string, field: Yaml | undefined): string[] {
  if (field === undefined) return []
  const comment = field instanceof Noted ? field.comment : undefined
  const value = field instanceof Noted ? field.value : field
  const key = scalarOf(name)
  const tail = comment === undefined ? '' : ` # ${comment}`
  if (typeof value !== 'object') return [`${key}: ${scalarOf(value)}${tail}`]
  const lines = linesOf(value)
  if (lines.length === 0) return [`${key}: ${isList(value) ? '[]' : '{}'}${tail}`]
  return [`${key}:${tail}`, ...lines.map((line) => `  ${line}`)]
}
