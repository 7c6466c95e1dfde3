/** Messages as lines of JSON: the same as any library writes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { deliveryLine, messageLine } from '../../server/features/memq/message-line.ts'
import type { DeliveredMessage, LifeEvent } from '../../server/features/memq/wire.ts'

const body = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constant('\ud800"\\\u2028\n'))
const message = fc.record({
  kind: fc.constant('message' as const),
  id: fc.constant('0'.repeat(32)),
  body,
  creationTimestamp: fc.constant('2026-11-30T13:00:00.000Z'),
})

test('a message that was put in is its JSON and a newline', () => {
  fc.assert(
    fc.property(message, (one) => {
      assert.equal(messageLine(one), `${JSON.stringify(one)}\n`)
    }),
  )
})

const traceFields = {
  traceparent: fc.constant(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`),
  tracestate: fc.constant('a=b,c="\\'),
}

const death = {
  queue: 'jobs',
  id: '1'.repeat(32),
  deliveries: 3,
  reason: '"',
  at: '2026-11-30T13:00:00.000Z',
}

test('so is one that is handed out, under a lease or dead or neither', () => {
  fc.assert(
    fc.property(
      message,
      fc.record(
        {
          ...traceFields,
          lease: fc.constant('f'.repeat(32)),
          dead: fc.constant(death),
          life: fc.constant<LifeEvent[]>([]),
        },
        { requiredKeys: [] },
      ),
      fc.nat(),
      (one, rest, deliveries) => {
        const { tracestate, ...others } = rest
        const isTraced = rest.traceparent !== undefined && tracestate !== undefined
        const delivered: DeliveredMessage = {
          ...one,
          deliveries,
          ...others,
          ...(isTraced && { tracestate }),
        }
        assert.deepEqual(JSON.parse(deliveryLine(delivered)), JSON.parse(JSON.stringify(delivered)))
        assert.equal(deliveryLine(delivered).endsWith('}\n'), true)
      },
    ),
  )
})
