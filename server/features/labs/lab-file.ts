/** Reads a lab's file: front matter, an introduction, and a step below each second heading. What is wrong is said, and all of it. */
import * as Type from 'typebox'
import type { Static } from 'typebox'
import { Ask, See, type Condition } from '../../conditions/condition.ts'
import { faultIn } from '../../conditions/seen.ts'
import { Markdown, wordsOf, type Tokens } from './markdown.ts'
import { faultsWithin, readStrictYaml, type Fault, type Read } from './strict-yaml.ts'

const text = Type.String({ minLength: 1 })
const strict = { additionalProperties: false }

const FrontMatter = Type.Object(
  {
    title: text,
    kind: Type.Optional(Type.Enum(['chapter', 'across', 'fix', 'own'])),
    chapter: Type.Optional(Type.Integer({ minimum: 1 })),
    minutes: Type.Integer({ minimum: 1, maximum: 600 }),
    goal: text,
    needs: Type.Optional(Type.Array(text)),
  },
  strict,
)
type FrontMatter = Static<typeof FrontMatter>

const Block = Type.Object(
  {
    do: Type.Optional(Type.Array(text, { minItems: 1 })),
    apply: Type.Optional(Type.Array(text, { minItems: 1 })),
    delete: Type.Optional(Type.Array(text, { minItems: 1 })),
    run: Type.Optional(Type.Array(text, { minItems: 1 })),
    // Held to one of their schemas, by what they begin with.
    expect: Type.Optional(Type.Array(Type.Object({}))),
    hints: Type.Optional(Type.Array(text, { minItems: 1 })),
    solution: Type.Optional(text),
  },
  strict,
)
type Block = Static<typeof Block>

/** Of a lab that mends something. */
const hintsToMend = 3

/** How its texts are given: as inert HTML, or as the Markdown that they are written in. */
export type Form = 'html' | 'markdown'

/** A lab as its file has it. */
export interface WrittenLab extends Omit<FrontMatter, 'kind'> {
  readonly kind: NonNullable<FrontMatter['kind']>
  readonly intro: string
  readonly steps: readonly WrittenStep[]
}

/** A step as the file has it. */
export interface WrittenStep {
  readonly id: string
  readonly title: string
  readonly before: string
  readonly after: string
  readonly hints: readonly string[]
  readonly block: Omit<Block, 'expect' | 'hints'> & { readonly expect?: readonly Condition[] }
}

/** A lab with its places in the file, to say where a fault is. */
export interface LocatedLab extends WrittenLab {
  readonly steps: readonly LocatedStep[]
}

export interface LocatedStep extends WrittenStep {
  /** Where a part of the block stands, by the way to it. */
  readonly lineOf: Read<Block>['lineOf']
}

/**
 * @param source the file's text
 * @param kind of a lab that names none; undefined where each has to
 * @returns what is wrong with it, if anything is
 */
export function readLabFile(
  source: string,
  kind?: FrontMatter['kind'],
  form: Form = 'html',
): { readonly lab: LocatedLab } | { readonly faults: readonly Fault[] } {
  const lines = source.replace(/^\uFEFF/, '').split(/\r?\n/)
  const end = lines.indexOf('---', 1)
  if (lines[0] !== '---' || end < 0)
    return faulty(1, 'it has to begin with its fields between two lines of ---')
  const front = readStrictYaml(lines.slice(1, end).join('\n'), 2, FrontMatter, 'the lab')
  // As many lines as before, so that each keeps its number.
  const body = new Body([...Array<string>(end + 1).fill(''), ...lines.slice(end + 1)], form)
  if (!('value' in front)) return { faults: [...front, ...body.faults] }
  const { kind: named = kind, ...about } = front.value
  if (named === undefined) return faulty(2, 'the lab needs the field kind')
  const faults = [
    ...chapterFaults(front, named),
    ...body.faults,
    ...(named === 'fix' ? body.mendingFaults() : []),
  ]
  return faults.length > 0
    ? { faults }
    : { lab: { ...about, kind: named, intro: body.intro, steps: body.steps } }
}

const faulty = (line: number, reason: string) => ({ faults: [{ line, reason }] })

function chapterFaults({ value, lineOf }: Read<FrontMatter>, kind: FrontMatter['kind']): Fault[] {
  if (kind === 'chapter' && value.chapter === undefined)
    return [{ line: lineOf('kind'), reason: 'a lab of kind chapter needs the field chapter' }]
  return []
}

/** What stands below the front matter. */
class Body {
  readonly intro: string
  readonly steps: LocatedStep[] = []
  readonly faults: Fault[] = []
  readonly #markdown = new Markdown()
  readonly #lines: readonly string[]
  readonly #form: Form

  /** @param lines as many as the file's */
  constructor(lines: readonly string[], form: Form) {
    this.#lines = lines
    this.#form = form
    const [intro = [], ...sections] = cut(this.#markdown.read(lines.join('\n')))
    this.#faultBlocks(intro, 'before the first step')
    this.intro = this.#written(intro)
    for (const section of sections) this.#addStep(section)
    if (sections.length === 0)
      this.faults.push({ line: null, reason: 'it has no step: one begins with a heading of two #' })
  }

  /** What a lab that mends something is held to beside. */
  mendingFaults(): Fault[] {
    const hinting = this.steps.filter(({ hints }) => hints.length > 0)
    if (hinting.length === 0)
      return [{ line: null, reason: 'a lab that mends something needs hints in one of its steps' }]
    return hinting.flatMap(({ hints, block, lineOf }) => [
      ...(hints.length === hintsToMend
        ? []
        : [{ line: lineOf('hints'), reason: `there have to be three hints, and there are ${hints.length}` }]),
      ...(block.solution === undefined
        ? [{ line: lineOf('hints'), reason: 'what has hints needs a solution' }]
        : []),
    ])
  }

  #addStep(section: Tokens): void {
    const [open, heading, , ...content] = section
    const line = lineOfToken(open)
    const title = wordsOf(heading)
    const id = slugOf(title)
    if (id === '') this.faults.push({ line, reason: 'the step’s heading has no letters' })
    else if (this.steps.some((step) => step.id === id))
      this.faults.push({ line, reason: `there is a step ${id} before it: titles have to differ` })
    const at = content.findIndex(isBlock)
    const [before, after] = at < 0 ? [content, []] : [content.slice(0, at), content.slice(at + 1)]
    this.#faultBlocks(before, 'in a list or a quotation')
    this.#faultBlocks(after, 'after the step’s own: a step has one')
    const read = this.#block(content[at])
    this.steps.push({
      id,
      title,
      before: this.#written(before),
      after: this.#written(after),
      hints: (read.value.hints ?? []).map((hint) =>
        this.#form === 'html' ? this.#markdown.htmlOf(hint) : hint,
      ),
      block: { ...read.value, expect: read.value.expect as readonly Condition[] },
      lineOf: read.lineOf,
    })
  }

  #written(tokens: Tokens): string {
    if (this.#form === 'html') return this.#markdown.html(tokens)
    const places = tokens.flatMap(({ map }) => map ?? [])
    return places.length === 0 ? '' : this.#lines.slice(Math.min(...places), Math.max(...places)).join('\n')
  }

  #block(token: Tokens[number] | undefined): Read<Block> {
    const line = lineOfToken(token)
    const none = { value: {}, lineOf: () => line }
    if (!token) return none
    // Its first line is the fence.
    const read = readStrictYaml(token.content, line + 1, Block, 'a step')
    if (!('value' in read)) {
      this.faults.push(...read)
      return none
    }
    for (const [index, condition] of (read.value.expect ?? []).entries())
      this.faults.push(...conditionFaults(condition, read, index))
    return read
  }

  /** Says that a block stands where none may. */
  #faultBlocks(tokens: Tokens, where: string): void {
    for (const token of tokens.filter(isFenceOfStep))
      this.faults.push({ line: lineOfToken(token), reason: `there is a block of a step ${where}` })
  }
}

/** The introduction, and each second heading with what is below it. */
function cut(tokens: Tokens): Tokens[] {
  const sections: Tokens[number][][] = [[]]
  for (const token of tokens) {
    if (token.type === 'heading_open' && token.tag === 'h2' && token.level === 0) sections.push([])
    sections.at(-1)?.push(token)
  }
  return sections
}

const isFenceOfStep = ({ type, info }: Tokens[number]): boolean =>
  type === 'fence' && /^step(?:\s|$)/.test(info.trim())
const isBlock = (token: Tokens[number]): boolean => token.level === 0 && isFenceOfStep(token)

const lineOfToken = (token: Tokens[number] | undefined): number => (token?.map?.[0] ?? 0) + 1

/** Its letters and digits, small, with hyphens between the words. */
const slugOf = (title: string): string =>
  title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')

/** @param index its place among those of the step */
function conditionFaults(condition: object, read: Read<Block>, index: number): Fault[] {
  const from = ['expect', index]
  if ('see' in condition) {
    const faults = faultsWithin(read, from, See, condition, 'a condition with see')
    const reason = faults.length === 0 ? faultIn(condition as See) : undefined
    return reason === undefined ? faults : [{ line: read.lineOf(...from), reason }]
  }
  if ('get' in condition) return faultsWithin(read, from, Ask, condition, 'a condition with get')
  return [{ line: read.lineOf(...from), reason: 'a condition needs the field see or the field get' }]
}
