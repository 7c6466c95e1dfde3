/** kubectl's selectors of labels, read and matched as the API server does: k8s.io/apimachinery/pkg/labels/selector.go. */

export type Labels = Readonly<Record<string, string>>

/** One condition on labels. */
export interface Requirement {
  readonly key: string
  readonly operator: 'in' | 'notin' | 'exists' | 'not exists' | '>' | '<'
  readonly values: readonly string[]
}
/** All of them have to be met; none is met by every object. */
export type Selector = readonly Requirement[]

/** What is wrong with a selector's text. */
class SelectorFault extends Error {}

interface Token {
  readonly text: string
  /** Where it begins, counted from 0. */
  readonly at: number
}

/**
 * @param text such as `env!=prod, app in (a,b), !canary`; an empty one selects everything
 * @throws SelectorFault that says what is wrong and where
 */
export function parseSelector(text: string): Selector {
  const reader = new Reader(text)
  const requirements: Requirement[] = []
  while (!reader.isAtEnd()) {
    requirements.push(readRequirement(reader))
    if (reader.isAtEnd()) break
    reader.take(',', 'a comma between two conditions')
    if (reader.isAtEnd()) reader.refuse('a label’s key after the comma')
  }
  return requirements
}

/** As parseSelector, but the fault comes as words. */
export function trySelector(text: string): { readonly selector: Selector } | { readonly fault: string } {
  try {
    return { selector: parseSelector(text) }
  } catch (error) {
    if (error instanceof SelectorFault) return { fault: error.message }
    throw error
  }
}

/** @param labels left out where an object has none */
export const selects = (selector: Selector, labels: Labels = {}): boolean =>
  selector.every((requirement) => meets(labels, requirement))

/** Those that a selector matches; none where the selector is left out or isn't one. */
export function selected<Item extends { readonly labels?: Labels }>(
  text: string | undefined,
  items: readonly Item[],
): Item[] {
  const read = text === undefined ? undefined : trySelector(text)
  return read && 'selector' in read ? items.filter(({ labels }) => selects(read.selector, labels)) : []
}

/** What has no such label is not equal to anything, and so is met by `!=` and `notin`. */
function meets(labels: Labels, { key, operator, values }: Requirement): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  if (operator === 'not exists') return value === undefined
  if (operator === 'notin') return value === undefined || !values.includes(value)
  if (value === undefined) return false
  if (operator === 'exists') return true
  if (operator === 'in') return values.includes(value)
  const bound = BigInt(values[0] ?? '')
  if (!/^\d+$/.test(value)) return false
  return operator === '>' ? BigInt(value) > bound : BigInt(value) < bound
}

/** The text as words and signs, one after the other. */
class Reader {
  readonly #tokens: readonly Token[]
  readonly #end: Token
  #next = 0

  constructor(text: string) {
    this.#tokens = [...text.matchAll(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g)].map(({ 0: word, index }) => ({
      text: word,
      at: index,
    }))
    this.#end = { text: '', at: text.length }
  }

  get next(): Token {
    return this.#tokens[this.#next] ?? this.#end
  }

  isAtEnd(): boolean {
    return this.next === this.#end
  }

  /** Whether a word is next, and no sign. */
  isAtWord(): boolean {
    return !this.isAtEnd() && !/^[=!(),<>]/.test(this.next.text)
  }

  skip(): Token {
    const token = this.next
    this.#next += 1
    return token
  }

  /** Takes the sign if it is next. */
  has(sign: string): boolean {
    const isNext = this.next.text === sign
    if (isNext) this.#next += 1
    return isNext
  }

  take(sign: string, wanted: string): void {
    if (!this.has(sign)) this.refuse(wanted)
  }

  takeWord(wanted: string): Token {
    return this.isAtWord() ? this.skip() : this.refuse(wanted)
  }

  /** @param wanted what should be next */
  refuse(wanted: string): never {
    const found = this.isAtEnd() ? 'the end' : `“${this.next.text}”`
    throw new SelectorFault(`${placeOf(this.next)}: ${wanted} is expected, not ${found}`)
  }
}

const placeOf = ({ at }: Token): string => `at character ${String(at + 1)}`

function readRequirement(reader: Reader): Requirement {
  const isNegated = reader.has('!')
  const key = checkedKey(reader.takeWord(isNegated ? 'a label’s key after “!”' : 'a label’s key or “!”'))
  if (isNegated) return { key, operator: 'not exists', values: [] }
  if (reader.isAtEnd() || reader.next.text === ',') return { key, operator: 'exists', values: [] }
  const { text, at } = reader.next
  const read = operators.get(text)
  if (!read) return reader.refuse('=, ==, !=, in, notin or a comma')
  reader.skip()
  return { key, operator: read.operator, values: read.values(reader, { text, at }) }
}

interface OperatorForm {
  readonly operator: Requirement['operator']
  readonly values: (reader: Reader, operator: Token) => string[]
}

const one = (reader: Reader): string[] => [readValue(reader)]
const list = (reader: Reader, { text }: Token): string[] => {
  reader.take('(', `“(” after “${text}”`)
  const values = [readValue(reader)]
  while (reader.has(',')) values.push(readValue(reader))
  reader.take(')', 'a comma or “)”')
  return values
}
const wholeNumber = (reader: Reader, { text }: Token): string[] => {
  const { next } = reader
  const value = readValue(reader)
  if (!/^\d+$/.test(value))
    throw new SelectorFault(`${placeOf(next)}: a whole number is expected after “${text}”`)
  return [value]
}

const operators: ReadonlyMap<string, OperatorForm> = new Map([
  ['=', { operator: 'in', values: one }],
  ['==', { operator: 'in', values: one }],
  ['!=', { operator: 'notin', values: one }],
  ['in', { operator: 'in', values: list }],
  ['notin', { operator: 'notin', values: list }],
  ['>', { operator: '>', values: wholeNumber }],
  ['<', { operator: '<', values: wholeNumber }],
])

/** A value; none at all is the empty one. */
function readValue(reader: Reader): string {
  if (reader.isAtEnd() || [',', ')'].includes(reader.next.text)) return ''
  const token = reader.takeWord('a value')
  if (token.text.length > maxNameLength || !namePattern.test(token.text))
    throw new SelectorFault(`${placeOf(token)}: “${token.text}” is no label’s value: ${nameRule}`)
  return token.text
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const maxNameLength = 63
const maxPrefixLength = 253
const namePattern = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const prefixPattern = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const nameRule = `letters, digits, “-”, “_” and “.”, at most ${String(maxNameLength)}, a letter or digit first and last`

function checkedKey(token: Token): string {
  const [name = '', prefix, ...others] = token.text.split('/').reverse()
  const isName = name.length <= maxNameLength && namePattern.test(name)
  const isPrefix = prefix === undefined || (prefix.length <= maxPrefixLength && prefixPattern.test(prefix))
  if (!isName || !isPrefix || others.length > 0)
    throw new SelectorFault(
      `${placeOf(token)}: “${token.text}” is no label’s key: ${nameRule}${prefix === undefined ? '' : ', after a DNS name and one “/”'}`,
    )
  return token.text
}
