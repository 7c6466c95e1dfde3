/** What the Faults tab reckons with what is typed and told, without a browser. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Value } from 'typebox/value'
import { faultOrders, FaultsState, type FaultKind } from '../../server/features/faults/wire.ts'
import { faultForms, type FaultForm } from '../../ui/src/tabs/faults/forms.ts'
import { goneWith } from '../../ui/src/tabs/faults/gone.ts'
import {
  argsLine,
  flagsOf,
  initialSettings,
  orderOf,
  problemsOf,
  type Order,
} from '../../ui/src/tabs/faults/settings.ts'

const forms = Object.values<FaultForm>(faultForms)

/** A form’s settings, with some of them typed otherwise. */
const settingsOf = (kind: FaultKind, typed: Record<string, string | boolean> = {}) => ({
  ...initialSettings(faultForms[kind]),
  ...typed,
})

const sent = (kind: FaultKind, typed?: Record<string, string | boolean>): Order =>
  orderOf(faultForms[kind], settingsOf(kind, typed))

const flags = (kind: FaultKind, typed?: Record<string, string | boolean>): string[] =>
  flagsOf(faultForms[kind], settingsOf(kind, typed))

const problems = (kind: FaultKind, typed: Record<string, string>) =>
  problemsOf(faultForms[kind], settingsOf(kind, typed))

test('each number may be what the server takes, and every form can be sent as it begins', () => {
  for (const form of forms) {
    assert.deepEqual(problemsOf(form, initialSettings(form)), {}, form.kind)
    const order = orderOf(form, initialSettings(form))
    const isTaken = (name: string, number: number) =>
      Value.Check(faultOrders[form.kind], { ...order, [name]: number })
    for (const [name, field] of Object.entries(form.fields)) {
      if (field.type !== 'amount') continue
      const { min, max } = field
      assert.deepEqual(
        [min, max, max + 1].map((number) => isTaken(name, number)),
        [true, true, false],
        `${form.kind}, ${name}`,
      )
    }
  }
})

test('what is usual isn’t sent, what is typed is, in the server’s units', () => {
  assert.deepEqual(sent('error'), { share: 0.3, seconds: 120 })
  assert.deepEqual(
    sent('error', { share: '0.7', status: ' 429 ', retryAfter: '5', path: '/api', probes: true }),
    { share: 0.007, status: 429, retryAfter: 5, path: '/api', probes: true, seconds: 120 },
  )
  assert.deepEqual(sent('error', { share: '100', seconds: 'until taken back' }), {})
  assert.deepEqual(sent('crash'), {})
  assert.deepEqual(sent('crash', { signal: 'SIGSEGV', afterRequests: '10' }), {
    signal: 'SIGSEGV',
    afterRequests: 10,
  })
  assert.deepEqual(sent('leak', { mibPerSecond: '0.5' }), { mibPerSecond: 0.5, seconds: 120 })
})

test('flags say the same from the start, where nothing is at once and no share is all', () => {
  assert.deepEqual(flags('error', { seconds: 'until taken back' }), ['--fault-error-share=0.3'])
  assert.deepEqual(flags('error', { share: '100', probes: true }), [
    '--fault-error-share=1',
    '--fault-probes',
    '--fault-seconds=120',
  ])
  assert.deepEqual(flags('crash'), ['--fault-crash-after=1'])
  assert.deepEqual(flags('crash', { afterRequests: '10' }), ['--fault-crash-after-requests=10'])
  assert.deepEqual(flags('ignore-sigterm'), ['--fault-ignore-sigterm', '--fault-seconds=120'])
  assert.equal(
    argsLine(['--fault-path=/a,b', '--fault-probes']),
    'args: ["--fault-path=/a,b", --fault-probes]',
  )
})

test('what is typed wrong is told with what may be typed', () => {
  assert.deepEqual(problems('error', { share: '101', status: '200', path: 'api' }), {
    share: 'a number from 0 to 100',
    status: 'a whole number from 400 to 599',
    path: 'a path that begins with a slash',
  })
  assert.deepEqual(problems('cpu', { cores: '0' }), { cores: 'a number from 0.01 to 256' })
  assert.deepEqual(problems('delay', { ms: '', p99Ms: '' }), { ms: 'a whole number from 1 to 600,000' })
  assert.deepEqual(problems('slow-body', { bytesPerSecond: '1.5' }), {
    bytesPerSecond: 'a whole number from 1 to 1,073,741,824',
  })
})

const since = '2026-11-25T12:00:00Z'
const fault = { kind: 'error', words: 'answers all', order: {}, since, until: null, touched: 0 }
const ended = (id: number, why: FaultsState['ended'][number]['why']) => ({
  id,
  kind: 'leak',
  words: `leak ${id}`,
  since,
  at: since,
  why,
})

test('a fault that is neither on nor ended went with its process, and so did those that the end of it ended', () => {
  const before = { faults: [fault], ended: [ended(4, 'taken back')] }
  assert.deepEqual(goneWith(before, before), [])
  assert.deepEqual(goneWith(before, { faults: [], ended: [] }), ['answers all'])
  assert.deepEqual(
    goneWith(before, {
      faults: [],
      ended: [...before.ended, { ...ended(5, 'its time was up'), kind: 'error' }],
    }),
    [],
  )
  // The same fault by the flags of the new process.
  assert.deepEqual(goneWith(before, { faults: [{ ...fault, since: '2026-11-25T12:00:09Z' }], ended: [] }), [
    'answers all',
  ])
  assert.deepEqual(
    goneWith(
      { faults: [], ended: [ended(4, 'taken back'), ended(5, 'the process ends')] },
      { faults: [], ended: [] },
    ),
    ['leak 5'],
  )
  // More have ended meanwhile than are kept.
  const many = Array.from({ length: 20 }, (_, index) => ended(30 + index, 'replaced'))
  assert.deepEqual(goneWith(before, { faults: [], ended: many }), [])
})
