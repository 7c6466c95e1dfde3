/** What the MemQ Server tab says of messages and settings, without a browser. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { QueueSettings } from '../../server/features/memq/wire.ts'
import { Value } from 'typebox/value'
import { bodyLine, linesOf, shownBody } from '../../ui/src/tabs/memq/body.ts'
import { gap, lifeWords, placeOf, stepsOf } from '../../ui/src/tabs/memq/life.ts'
import { faultsOf, limitWords, settingsOf, sourcesOf, textsOf } from '../../ui/src/tabs/memq/settings.ts'

test('a body is shown with an escape for each character that can’t be seen, or that turns the text around it', () => {
  assert.equal(shownBody('one\n\ttwo\r\0\x7f'), 'one\n\ttwo\\r\\0\\u{7f}')
  assert.equal(shownBody('a\u202eb\u200bc'), 'a\\u{202e}b\\u{200b}c')
  assert.equal(shownBody('👩‍🚀 ü 東京'), '👩‍🚀 ü 東京')
})

test('on one line a body is as long as it may be, in whole characters', () => {
  assert.equal(bodyLine('one\ntwo', 20), 'one\\ntwo')
  assert.equal(bodyLine('🐳'.repeat(5), 3), '🐳🐳🐳…')
  assert.equal(bodyLine('🐳'.repeat(3), 3), '🐳🐳🐳')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (body) => {
      assert.match(bodyLine(body, 9), /^\P{Cc}*$/u)
    }),
  )
})

test('a batch is each line that has something on it', () => {
  assert.deepEqual(linesOf('one\r\n\n  \n two \n'), ['one', ' two '])
})

test('settings that the form takes are those that the server takes, and come back as they were typed', () => {
  const amount = (max: number) => fc.oneof(fc.constant(''), fc.integer({ min: 1, max }).map(String))
  const texts = fc.record({
    maxDeliveries: amount(1_200),
    deadLetter: fc.constantFrom('', 'orders', 'orders.dead', ' '),
    maxLength: amount(1_200_000_000),
    maxAgeSeconds: amount(32_000_000),
    dropsOldest: fc.boolean(),
  })
  fc.assert(
    fc.property(texts, (typed) => {
      if (Object.keys(faultsOf(typed, 'orders')).length > 0) return
      const settings = settingsOf(typed)
      assert.ok(Value.Check(QueueSettings, settings))
      assert.equal(settings.maxDeliveries === undefined, settings.deadLetter === undefined)
      assert.notEqual(settings.deadLetter, 'orders')
      assert.deepEqual(settingsOf(textsOf(settings)), settings)
    }),
  )
})

test('what is wrong with settings is told at the field', () => {
  const fault = (typed: Partial<ReturnType<typeof textsOf>>) => faultsOf({ ...textsOf(), ...typed }, 'orders')
  assert.deepEqual(fault({}), {})
  assert.deepEqual(fault({ maxDeliveries: '3' }), { deadLetter: 'a dead-letter queue is needed' })
  assert.deepEqual(fault({ deadLetter: 'dead' }), { maxDeliveries: 'how often is needed' })
  assert.deepEqual(fault({ maxDeliveries: '3', deadLetter: 'orders' }), {
    deadLetter: 'another queue is needed',
  })
  assert.deepEqual(fault({ maxLength: 'many' }), {
    maxLength: 'a whole number from 1 to 1,000,000,000 is needed',
  })
})

test('limits are said in words', () => {
  assert.equal(limitWords({ maxDeliveries: 3, deadLetter: 'dead' }), undefined)
  assert.equal(
    limitWords({ maxLength: 1_000, maxAgeSeconds: 90, overflow: 'drop-oldest' }),
    'holds at most 1,000 messages, none that waits longer than 1 min 30 s; beyond that the oldest is dropped',
  )
})

test('a dead-letter queue is known by those that name it', () => {
  const stats = { depth: 0, enqueued: 0, dequeued: 0, drained: 0, leased: 0, delayed: 0, dead: 0 }
  const to = (deadLetter: string) => ({ settings: { maxDeliveries: 1, deadLetter } })
  const queues = [
    { ...stats, name: 'a', ...to('dead') },
    { ...stats, name: 'b', ...to('dead') },
    { ...stats, name: 'dead' },
  ]
  assert.deepEqual([...sourcesOf(queues)], [['dead', ['a', 'b']]])
})

test('a life is its events with the time between them; where some are forgotten, that time isn’t told', () => {
  const at = (second: number) => new Date(Date.UTC(2026, 10, 30, 12, 0, second)).toISOString()
  const life = [
    { event: 'enqueued', at: at(0) },
    { event: 'delivered', at: at(5) },
    { event: 'expired', at: at(35) },
  ] as const
  assert.deepEqual(
    stepsOf(life).map(({ after }) => after),
    [undefined, '5.0 s', '30 s'],
  )
  assert.equal(lifeWords([...life, life[1], life[2]]), 'enqueued, handed out 2 times, lease expired 2 times')
  const full = [life[0], ...Array.from({ length: 20 }, (_, index) => ({ ...life[1], at: at(index) }))]
  assert.deepEqual(
    stepsOf(full)
      .slice(0, 3)
      .map(({ after }) => after),
    [undefined, undefined, '1.0 s'],
  )
  assert.equal(gap(0, 40), '40 ms')
  assert.equal(gap(40, 0), '0 ms')
})

test('a message’s place in its queue is in its ID', () => {
  assert.equal(placeOf('0000000004d2' + '0'.repeat(20)), 1234)
})
