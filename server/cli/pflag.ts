/**
 * Command lines in the syntax of Go's pflag, which kuard's readers know:
 * `--name value`, `--name=value`, `--bool`, `--bool=false`, `--` to end the flags; other words are ignored.
 */
import { parseAddress } from '../text/address.ts'
import { printable } from '../text/printable.ts'

type CamelCase<Name> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name

type Flag = { readonly help: string } & (
  | { readonly kind: 'string' | 'address'; readonly default: string }
  | { readonly kind: 'bool'; readonly default: boolean }
  | {
      readonly kind: 'int' | 'number'
      readonly default: number
      readonly min?: number
      readonly max?: number
    }
  | { readonly kind: 'choice'; readonly default: string; readonly choices: readonly string[] }
  | {
      readonly kind: 'list'
      readonly default: readonly string[]
      /** Says what is wrong with an item, if anything is. */
      readonly check?: (item: string) => string
    }
)
type FlagTable = Readonly<Record<string, Flag>>

type ValueOf<F> = F extends { kind: 'bool' }
  ? boolean
  : F extends { kind: 'int' | 'number' }
    ? number
    : F extends { kind: 'list' }
      ? readonly string[]
      : F extends { kind: 'choice'; choices: readonly (infer Choice)[] }
        ? Choice
        : string

/** The parsed values of a table of flags, a camelCase key for each. */
export type Values<Table extends FlagTable> = {
  [Name in keyof Table as CamelCase<Name>]: ValueOf<Table[Name]>
}

/** Keeps the table's literal types, so that Values knows each flag's kind and choices. */
export const defineFlags = <const Table extends FlagTable>(table: Table): Table => table

/** A command line that can't be used; the message says which word and why. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** Told by its name: each bundle has a class of its own. */
export const isUsageError = (error: unknown): error is UsageError =>
  error instanceof Error && error.name === 'UsageError'

/** What the flags are that aren't given. */
export const defaultsOf = <Table extends FlagTable>(table: Table): Values<Table> =>
  // Each default is of its flag's kind.
  Object.fromEntries(
    Object.entries(table).map(([name, flag]) => [camelCase(name), flag.default]),
  ) as Values<Table>

/**
 * Parses a command line.
 * @param table the flags that exist
 * @param argv the arguments after the program's name
 * @returns a value for every flag, or `help` for `--help` and `-h`
 * @throws UsageError naming the first flag that is unknown, lacks its value or has a bad one
 */
export function parseFlags<Table extends FlagTable>(
  table: Table,
  argv: readonly string[],
): Values<Table> | 'help' {
  const values: Record<string, unknown> = defaultsOf(table)
  const words = argv[Symbol.iterator]()
  for (const word of words) {
    if (word === '--') break
    if (!word.startsWith('-') || word === '-') continue
    if (!word.startsWith('--')) {
      if (word.startsWith('-h')) return 'help'
      const letter = String.fromCodePoint(word.codePointAt(1) ?? 0)
      throw new UsageError(`unknown shorthand flag: '${printable(letter)}' in ${printable(word)}`)
    }
    const equals = word.indexOf('=')
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals)
    if (name === '' || name.startsWith('-')) throw new UsageError(`bad flag syntax: ${printable(word)}`)
    const flag = Object.hasOwn(table, name) ? table[name] : undefined
    if (!flag) {
      if (name === 'help') return 'help'
      throw new UsageError(`unknown flag: --${printable(name)}`)
    }
    values[camelCase(name)] = parseValue(
      name,
      flag,
      textOf(word, equals, flag, words),
      values[camelCase(name)],
    )
  }
  // Every key of the table was set from its default above, and parseValue keeps each flag's kind.
  return values as Values<Table>
}

function textOf(word: string, equals: number, flag: Flag, words: Iterator<string>): string {
  if (equals >= 0) return word.slice(equals + 1)
  if (flag.kind === 'bool') return 'true'
  const next = words.next()
  if (next.done === true) throw new UsageError(`flag needs an argument: ${word}`)
  return next.value
}

function parseValue(name: string, flag: Flag, text: string, before: unknown): unknown {
  const invalid = (why: string) =>
    new UsageError(`invalid argument ${printable(JSON.stringify(text))} for "--${name}" flag: ${why}`)
  switch (flag.kind) {
    case 'string':
      return text
    case 'address':
      if (text !== '' && !parseAddress(text))
        throw invalid('an address looks like :8080, 127.0.0.1:8080 or [::1]:8080')
      if (text === '' && flag.default !== '') throw invalid('an address is needed')
      return text
    case 'bool': {
      const value = parseBool(text)
      if (value === undefined) throw invalid('true or false is needed')
      return value
    }
    case 'int':
    case 'number': {
      const isInteger = flag.kind === 'int'
      const value = isInteger ? parseInteger(text) : parseDecimal(text)
      if (value === undefined)
        throw invalid(`a ${isInteger ? 'whole number' : 'number such as 0.3'} is needed`)
      if (isInteger && !Number.isSafeInteger(value)) throw invalid('the number is too large')
      if (value < (flag.min ?? -Infinity)) throw invalid(`it must be at least ${flag.min}`)
      if (value > (flag.max ?? Infinity)) throw invalid(`it must be at most ${flag.max}`)
      return value
    }
    case 'choice':
      if (!flag.choices.includes(text))
        throw invalid(`it must be one of ${flag.choices.filter(Boolean).join(', ')}`)
      return text
    case 'list': {
      const items = text.split(',').filter((item) => item !== '')
      const wrong = items.map(flag.check ?? (() => '')).find((why) => why !== '')
      if (wrong !== undefined) throw invalid(wrong)
      // As pflag's slices do: the first use replaces the default, each further one adds to it.
      return before === flag.default ? items : [...(before as readonly string[]), ...items]
    }
  }
}

/** The words that Go's strconv.ParseBool takes. */
function parseBool(text: string): boolean | undefined {
  if (/^(1|t|T|true|True|TRUE)$/.test(text)) return true
  if (/^(0|f|F|false|False|FALSE)$/.test(text)) return false
  return undefined
}

const digits = (set: string) => `[${set}](?:_?[${set}])*`
const integer = new RegExp(
  `^([+-]?)(?:(0[xX]_?${digits('0-9a-fA-F')})|(0[bB]_?${digits('01')})|(0[oO]?_?${digits('0-7')})|(0|[1-9](?:_?[0-9])*))$`,
)

/** A whole number as Go's strconv.ParseInt reads it with base 0: 10, -1, 0x1f, 0b11, 0o17, 017, 1_000. */
function parseInteger(text: string): number | undefined {
  const match = integer.exec(text)
  if (!match) return undefined
  const [, sign, hex, binary, octal, decimal] = match
  const plain = (hex ?? binary ?? decimal ?? octal?.replace(/^0[oO]?/, '0o') ?? '').replaceAll('_', '')
  const value = Number(plain)
  // 0 has no sign here.
  return sign === '-' ? 0 - value : value
}

const parseDecimal = (text: string): number | undefined =>
  /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : undefined

const typeNames = {
  string: 'string',
  address: 'string',
  bool: '',
  int: 'int',
  // As pflag names it.
  number: 'float',
  choice: 'string',
  list: 'strings',
}

/** Tables of flags as `--help` prints them: under a heading each, in two columns. */
export function describeFlags(sections: Readonly<Record<string, FlagTable>>): string {
  const named = Object.values(sections).flatMap((table) => Object.entries(table).map(leftColumn))
  const width = Math.max(...named.map((left) => left.length)) + 2
  const describe = (row: [string, Flag]) =>
    `  ${leftColumn(row).padEnd(width)}${row[1].help}${describeDefault(row[1])}`
  return Object.entries(sections)
    .map(([heading, table]) => [`${heading}:`, ...Object.entries(table).map(describe), ''].join('\n'))
    .join('\n')
}

const leftColumn = ([name, { kind }]: [string, Flag]): string => `--${name} ${typeNames[kind]}`.trimEnd()

function describeDefault(flag: Flag): string {
  if (flag.kind === 'bool' || flag.kind === 'list' || flag.default === '' || flag.default === 0) return ''
  return ` (default ${flag.default})`
}

const camelCase = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
