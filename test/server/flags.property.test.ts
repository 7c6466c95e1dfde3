/** The syntax of the command line, whatever is written in it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { defineFlags, parseFlags, UsageError } from '../../server/cli/pflag.ts'

const table = defineFlags({
  name: { kind: 'string', default: 'none', help: '' },
  'is-on': { kind: 'bool', default: false, help: '' },
  'how-many': { kind: 'int', default: 7, help: '' },
  size: { kind: 'choice', default: 'small', choices: ['small', 'large'], help: '' },
  'all-of': { kind: 'list', default: ['a', 'b'], help: '' },
})

/** Words that are one flag with its value, in one of the ways that it may be written, and what they set. */
interface Use {
  readonly words: readonly string[]
  readonly set: Readonly<Record<string, unknown>>
}

const written = (name: string, text: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> =>
  fc
    .tuple(text, fc.boolean())
    .map(([value, joined]) => (joined ? [`--${name}=${value}`] : [`--${name}`, value]))

/** Digits with single underscores between them, where the choices say so. */
const spaced = (digits: string, gaps: readonly boolean[]): string =>
  digits.replace(/(?<=.)./g, (digit, at: number) => (gaps[at % gaps.length] ? `_${digit}` : digit))

const integerText = (value: number): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...(['', '0x', '0X', '0b', '0B', '0o', '0O', '0'] as const)),
      fc.array(fc.boolean(), { minLength: 1 }),
      fc.boolean(),
    )
    .map(([prefix, gaps, plus]) => {
      const radix = { '': 10, '0x': 16, '0b': 2, '0o': 8, '0': 8 }[prefix.toLowerCase()]
      const sign = value < 0 ? '-' : plus ? '+' : ''
      return `${sign}${prefix}${spaced(Math.abs(value).toString(radix), gaps)}`
    })

const trueWords = ['1', 't', 'T', 'true', 'True', 'TRUE']
const falseWords = ['0', 'f', 'F', 'false', 'False', 'FALSE']

const use: fc.Arbitrary<Use> = fc.oneof(
  fc
    .string({ unit: 'binary' })
    .chain((name) => written('name', fc.constant(name)).map((words) => ({ words, set: { name } }))),
  fc
    .boolean()
    .chain((isOn) =>
      fc
        .constantFrom(
          ...(isOn ? trueWords : falseWords).map((word) => [`--is-on=${word}`]),
          ...(isOn ? [['--is-on']] : []),
        )
        .map((words) => ({ words, set: { isOn } })),
    ),
  fc
    .maxSafeInteger()
    .chain((howMany) =>
      written('how-many', integerText(howMany)).map((words) => ({ words, set: { howMany } })),
    ),
  fc
    .constantFrom('small', 'large')
    .chain((size) => written('size', fc.constant(size)).map((words) => ({ words, set: { size } }))),
  fc
    .array(fc.stringMatching(/^[^,]+$/))
    .chain((allOf) =>
      written('all-of', fc.constant(allOf.join())).map((words) => ({ words, set: { allOf } })),
    ),
  fc.stringMatching(/^[^-]*$/).map((word) => ({ words: [word], set: {} })),
)

test('any values, written in any way that pflag allows and among any other words, are read back', () => {
  fc.assert(
    fc.property(fc.array(use), fc.array(fc.string()), (uses, rest) => {
      const expected: Record<string, unknown> = {
        name: 'none',
        isOn: false,
        howMany: 7,
        size: 'small',
        allOf: ['a', 'b'],
      }
      let lists: unknown[] | undefined
      for (const { set } of uses) {
        Object.assign(expected, set)
        if ('allOf' in set) expected.allOf = lists = [...(lists ?? []), ...(set.allOf as string[])]
      }
      const words = [...uses.flatMap((each) => each.words), '--', ...rest]
      assert.deepEqual(parseFlags(table, words), expected)
    }),
    { numRuns: 500 },
  )
})

test('any words at all are read or refused with a reason in one line', () => {
  const flag = fc.constantFrom(
    '--name',
    '--is-on',
    '--how-many',
    '--size',
    '--all-of',
    '--__proto__',
    '-',
    '-n',
    '--',
  )
  const word = fc.oneof(
    fc.string({ unit: 'binary' }),
    flag,
    fc.tuple(flag, fc.string({ unit: 'binary' })).map(([name, value]) => `${name}=${value}`),
  )
  fc.assert(
    fc.property(fc.array(word), (words) => {
      try {
        parseFlags(table, words)
      } catch (error) {
        assert.ok(error instanceof UsageError)
        assert.match(error.message, /^\P{Cc}+$/u)
      }
    }),
    { numRuns: 1000 },
  )
})

for (const text of [
  '08',
  '0x',
  '0b2',
  '1__0',
  '_1',
  '1_',
  '0x_',
  '1.0',
  '1e3',
  ' 1',
  '1 ',
  '',
  '+',
  '--1',
  'NaN',
  '١',
]) {
  test(`${JSON.stringify(text)} is no whole number`, () => {
    assert.throws(() => parseFlags(table, [`--how-many=${text}`]), UsageError)
  })
}
