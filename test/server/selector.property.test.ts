/** Selectors of labels: what is read, what it selects, and what is none. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  parseSelector,
  selected,
  selects,
  trySelector,
  type Labels,
  type Requirement,
} from '../../server/text/selector.ts'

/** Pods by a letter, as the answers below have them. */
const pods: Readonly<Record<string, Labels>> = {
  a: { app: 'alpaca', env: 'prod', ver: '1' },
  b: { app: 'alpaca', env: 'test', ver: '2', canary: 'true' },
  c: { app: 'bandicoot', env: 'prod', ver: '2', 'example.com/tier': '' },
  d: { in: 'x' },
  e: {},
}

/** What `kubectl get pods -l` answers for pods with these labels. */
const answers: [string, string][] = [
  ['', 'abcde'],
  ['  ', 'abcde'],
  ['app=alpaca', 'ab'],
  ['app==alpaca', 'ab'],
  [' app = alpaca ', 'ab'],
  ['app!=alpaca', 'cde'],
  ['app=alpaca,ver=2', 'b'],
  ['app in (alpaca,bandicoot)', 'abc'],
  ['app in (alpaca , bandicoot), env notin (prod)', 'b'],
  ['env notin (prod, test)', 'de'],
  ['env notin (prod)', 'bde'],
  ['canary', 'b'],
  ['!canary', 'acde'],
  ['! canary,app', 'ac'],
  ['app,env=prod', 'ac'],
  ['app=', ''],
  ['example.com/tier=', 'c'],
  ['example.com/tier', 'c'],
  ['example.com/tier in ()', 'c'],
  ['example.com/tier in (,x)', 'c'],
  ['app in (alpaca,)', 'ab'],
  ['in in (x)', 'd'],
  ['in', 'd'],
  ['ver>1', 'bc'],
  ['ver < 2', 'a'],
  ['app>1', ''],
]

/** What the API server refuses, and where the fault is. */
const refused: [string, RegExp][] = [
  ['=a', /^at character 1: a label’s key or “!” is expected, not “=”$/],
  ['app=alpaca,', /^at character 12: a label’s key after the comma is expected, not the end$/],
  ['app=alpaca env=prod', /^at character 12: a comma between two conditions is expected, not “env”$/],
  ['app alpaca', /^at character 5: =, ==, !=, in, notin or a comma is expected, not “alpaca”$/],
  ['app in alpaca', /^at character 8: “\(” after “in” is expected, not “alpaca”$/],
  ['app in (alpaca', /^at character 15: a comma or “\)” is expected, not the end$/],
  ['app in (a b)', /^at character 11: a comma or “\)” is expected, not “b”$/],
  ['!', /^at character 2: a label’s key after “!” is expected, not the end$/],
  ['!app=a', /^at character 5: a comma/],
  ['a=b=c', /^at character 4: a comma/],
  ['a===b', /^at character 4: a value is expected, not “=”$/],
  ['ver>x', /^at character 5: a whole number is expected after “>”$/],
  ['-app', /^at character 1: “-app” is no label’s key: letters/],
  ['a/b/c', /^at character 1: “a\/b\/c” is no label’s key/],
  ['Example.com/a', /^at character 1: “Example.com\/a” is no label’s key/],
  ['app=_', /^at character 5: “_” is no label’s value/],
  [`app=${'a'.repeat(64)}`, /^at character 5: .*at most 63/],
  ['app constructor x', /^at character 5: =, ==/],
]

test('a selector selects what kubectl selects', () => {
  for (const [text, letters] of answers) {
    const selector = parseSelector(text)
    const found = Object.entries(pods).filter(([, labels]) => selects(selector, labels))
    assert.equal(found.map(([letter]) => letter).join(''), letters, text)
  }
})

test('what is no selector is refused with what is expected and where', () => {
  for (const [text, words] of refused) {
    const read = trySelector(text)
    assert.ok('fault' in read, text)
    assert.match(read.fault, words)
  }
})

test('a selector that is left out selects nothing, an empty one everything', () => {
  const items = [{ labels: { app: 'alpaca' } }, {}]
  assert.deepEqual(selected(undefined, items), [])
  assert.deepEqual(selected('', items), items)
  assert.deepEqual(selected('app', items), items.slice(0, 1))
  assert.deepEqual(selected('!app', items), items.slice(1))
  assert.deepEqual(selected('=', items), [])
})

const word = fc.constantFrom('a', 'b', 'in', 'notin', 'x.y_z-0')
const gap = fc.constantFrom('', ' ', '\t ')
const plain = { noNullPrototype: true }
const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record(
    {
      key: word,
      operator: fc.constantFrom('in', 'notin'),
      values: fc.array(fc.oneof(word, fc.constant('')), { minLength: 1, maxLength: 3 }),
    },
    plain,
  ),
  fc.record({ key: word, operator: fc.constantFrom('exists', 'not exists'), values: fc.constant([]) }, plain),
)

/** As people write it, with room where there may be some. */
function written({ key, operator, values }: Requirement, room: string): string {
  if (operator === 'exists') return key
  if (operator === 'not exists') return `!${room}${key}`
  const [value = ''] = values
  if (values.length === 1 && room === '') return `${key}${operator === 'in' ? '==' : '!='}${value}`
  return `${key} ${operator}${room}(${room}${values.join(`${room},${room}`)}${room})`
}

test('what is written is what is read, however much room is left in it', () => {
  fc.assert(
    fc.property(fc.array(requirement, { minLength: 1, maxLength: 4 }), gap, (requirements, room) => {
      const text = requirements.map((one) => written(one, room)).join(`${room},`)
      assert.deepEqual(parseSelector(text), requirements)
    }),
  )
})

test('any text is read or refused in words', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', '=', '!', ',', '(', ')', ' ', '<', '>', 'in') }),
      (text) => {
        const read = trySelector(text)
        if ('fault' in read) assert.match(read.fault, /^at character \d+: /)
      },
    ),
  )
})

test('a selector of spaces, as long as a request may be, takes milliseconds', () => {
  const spaces = ' '.repeat(15_000)
  const begin = process.cpuUsage()
  for (const text of [`a${spaces}!`, `a=${spaces}(`, `${spaces}!${spaces}=`])
    assert.ok('fault' in trySelector(text))
  assert.ok(process.cpuUsage(begin).user < 50_000)
})
