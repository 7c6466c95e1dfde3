/** What a queue of MemQ does beyond the original's, over HTTP: settings, batches, delays, dead letters, a look inside. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  DeliveredMessage,
  DeliveredMessages,
  Message,
  Messages,
  Redriven,
  Settlement,
} from '../../server/features/memq/wire.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard } from '../support/kuard.ts'
import { assertRefused, nothingYet, QueueClient, shared, startQueue, stores } from '../support/queues.ts'

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const trace = { traceparent, tracestate: 'one="a\\b", two=c' }

/** What a message says of its trace. */
const traceOf = (message: Partial<Pick<DeliveredMessage, 'traceparent' | 'tracestate'>> | undefined) =>
  Object.fromEntries(Object.entries(message ?? {}).filter(([name]) => name.startsWith('trace')))

for (const [store, startAnew] of Object.entries(stores))
  suite(`queues in ${store}`, () => {
    const start = shared(startAnew)

    test('a queue is made with settings, shows them, and keeps to others from then on', async (context) => {
      const queue = new QueueClient(await start(context), 'work')
      assert.equal((await queue.keepTo({ maxLength: 2 })).status, 200)
      assert.deepEqual((await queue.stats()).settings, { maxLength: 2 })
      const others = {
        maxDeliveries: 3,
        deadLetter: 'dead',
        maxAgeSeconds: 60,
        overflow: 'drop-oldest',
      } as const
      await queue.enqueue('one')
      assert.equal((await queue.keepTo(others)).status, 200)
      const { settings, depth } = await queue.stats()
      assert.deepEqual([settings, depth], [others, 1])
      assert.equal((await new QueueClient(queue.kuard, 'dead').figures()).depth, 0)
      assertRefused(await queue.create(), 400, /^already exists$/m)
    })

    for (const [settings, words] of [
      ['{"maxDeliveries":2}', /^maxDeliveries needs deadLetter/],
      ['{"deadLetter":"dead"}', /^deadLetter needs maxDeliveries/],
      ['{"maxDeliveries":2,"deadLetter":"work"}', /^deadLetter has to be another queue$/m],
      ['{"maxDeliveries":2,"deadLetter":"\\ud800"}', /^deadLetter is no Unicode text/],
      [
        JSON.stringify({ maxDeliveries: 2, deadLetter: '😀'.repeat(513) }),
        /^deadLetter is longer than a queue’s name may be/,
      ],
      ['{"maxDeliveries":0,"deadLetter":"dead"}', /^maxDeliveries must be >= 1$/m],
      ['{"overflow":"block"}', /^overflow has to be refuse or drop-oldest$/m],
      ['{"maxLenght":2}', /^maxLenght is not known here$/m],
      ['{"maxLength":"2"}', /^maxLength must be integer$/m],
      ['[]', /^the body must be object$/m],
      ['maxLength=2', /^the body is not JSON: /],
    ] as const) {
      test(`the settings ${settings.slice(0, 60)} are refused, and no queue is made`, async (context) => {
        const queue = new QueueClient(await start(context), 'work')
        assertRefused(await queue.kuard.ask('PUT', queue.path, { body: settings }), 400, words)
        assertRefused(await queue.drain(), 400, /^does not exist$/m)
      })
    }

    test('a message says how often it was handed out', async (context) => {
      const queue = await startQueue(start, context, ['one'])
      for (const deliveries of [1, 2, 3]) {
        const message = (await queue.dequeue(60)).json(DeliveredMessage)
        assert.equal(message.deliveries, deliveries)
        await queue.settle('nack', message.lease ?? '')
      }
    })

    test('a message that nobody can do goes to the dead-letter queue, with the reason and its life, and back from there', async (context) => {
      const queue = await startQueue(start, context)
      const grave = new QueueClient(queue.kuard, 'dead')
      await queue.keepTo({ maxDeliveries: 2, deadLetter: 'dead' })
      const enqueued = (await queue.enqueue('poison')).json(Message)
      for (let time = 0; time < 2; time += 1) await queue.settle('nack', (await queue.take()).lease)

      assert.deepEqual(await queue.figures(), { ...nothingYet, enqueued: 1, dead: 1 })
      await eventually('it to arrive', async () => (await grave.stats()).depth === 1)
      const [peeked] = (await grave.peek()).messages
      assert.ok(peeked?.dead)
      const { at, ...dead } = peeked.dead
      const reason = 'handed out 2 times, of at most 2, and never acked'
      assert.deepEqual(dead, { queue: 'work', id: enqueued.id, deliveries: 2, reason })
      assert.ok(at >= enqueued.creationTimestamp)
      const events = ['enqueued', 'delivered', 'returned', 'delivered', 'returned', 'dead']
      assert.deepEqual(
        peeked.life.map(({ event }) => event),
        events,
      )
      assert.deepEqual(
        [peeked.creationTimestamp, peeked.deliveries, peeked.start],
        [enqueued.creationTimestamp, 0, 'poison'],
      )

      assert.deepEqual((await grave.redrive()).json(Redriven), { kind: 'redriven', moved: 1 })
      await eventually('it to be back', async () => (await queue.stats()).depth === 1)
      const again = (await queue.dequeue(60)).json(DeliveredMessage)
      assert.deepEqual([again.body, again.deliveries, again.dead], ['poison', 1, undefined])
      assert.deepEqual(await grave.figures(), { ...nothingYet, name: 'dead', enqueued: 1, dequeued: 1 })
    })

    test('one dead message is sent back, and the others stay; who takes them is told why they are there', async (context) => {
      const queue = await startQueue(start, context)
      const grave = new QueueClient(queue.kuard, 'dead')
      await queue.keepTo({ maxDeliveries: 1, deadLetter: 'dead' })
      for (const body of ['one', 'two']) await queue.enqueue(body)
      await queue.settleAll('nack', (await queue.takeSome(2)).leases)
      await eventually('both to arrive', async () => (await grave.stats()).depth === 2)
      const second = (await grave.peek()).messages.find(({ start: body }) => body === 'two')
      const answer = await queue.kuard.post(`${grave.path}/redrive?id=${second?.id}`)
      assert.equal(answer.json(Redriven).moved, 1)
      await eventually('it to be back', async () => (await queue.stats()).depth === 1)
      assert.deepEqual(await queue.rest(), ['two'])
      const first = (await grave.dequeue()).json(DeliveredMessage)
      assert.deepEqual(
        [first.body, first.dead?.queue, first.life?.some(({ event }) => event === 'dead')],
        ['one', 'work', true],
      )
      assertRefused(
        await queue.kuard.post(`${grave.path}/redrive?id=x`),
        400,
        /^id has to be the id of a message/,
      )
      const unknown = await queue.kuard.post(`${grave.path}/redrive?id=${'0'.repeat(32)}`)
      assert.equal(unknown.json(Redriven).moved, 0)
    })

    test('a message is told with the trace that it was sent in, wherever it goes; its sender’s answer is as ever', async (context) => {
      const queue = await startQueue(start, context)
      const grave = new QueueClient(queue.kuard, 'dead')
      await queue.keepTo({ maxDeliveries: 1, deadLetter: 'dead' })
      const sent = (await queue.enqueue('traced', trace)).json(Message)
      assert.deepEqual(Object.keys(sent), ['kind', 'id', 'body', 'creationTimestamp'])
      assert.deepEqual(traceOf((await queue.peek()).messages[0]), trace)
      const held = (await queue.dequeue(60)).json(DeliveredMessage)
      assert.deepEqual(traceOf(held), trace)
      assert.deepEqual(traceOf((await queue.peek()).messages[0]), trace)
      await queue.settle('nack', held.lease ?? '')
      await eventually('it to be dead', async () => (await grave.stats()).depth === 1)
      assert.deepEqual(traceOf((await grave.peek()).messages[0]), trace)
      await grave.redrive()
      await eventually('it to be back', async () => (await queue.stats()).depth === 1)
      assert.deepEqual(traceOf((await queue.dequeue()).json(DeliveredMessage)), trace)
    })

    test('a batch is sent in one trace, beside messages without one', async (context) => {
      const queue = await startQueue(start, context, ['before'])
      await queue.enqueueBatch('["one","two"]', { traceparent })
      const { messages } = (await queue.dequeueBy('count=9')).json(DeliveredMessages)
      assert.deepEqual(
        messages.map((message) => [message.body, traceOf(message)]),
        [
          ['before', {}],
          ['one', { traceparent }],
          ['two', { traceparent }],
        ],
      )
    })

    for (const [what, sent, kept] of [
      ['without ids', { traceparent: '00-01' }, {}],
      ['of zeros', { traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }, {}],
      ['in capitals', { traceparent: traceparent.toUpperCase() }, {}],
      ['of version 00 with more behind it', { traceparent: `${traceparent}-01` }, {}],
      ['of version ff', { traceparent: traceparent.replace(/^00/, 'ff') }, {}],
      ['of a version to come', { traceparent: `${traceparent.replace(/^00/, 'cc')}-what` }, { traceparent }],
      ['that is missing, with a tracestate', { tracestate: 'a=b' }, {}],
      ['with a tracestate that is none', { traceparent, tracestate: 'a=b,c' }, { traceparent }],
      ['with a long tracestate', { traceparent, tracestate: `a=${'b'.repeat(511)}` }, { traceparent }],
    ] as const)
      test(`a traceparent ${what} is kept as far as it is one`, async (context) => {
        const queue = await startQueue(start, context)
        assert.equal((await queue.enqueue('one', sent)).status, 200)
        assert.deepEqual(traceOf((await queue.dequeue()).json(DeliveredMessage)), kept)
      })

    for (const [what, batch, bodies] of [
      [
        'a JSON array',
        '["one", "", {"a": [1.0]}, 12345678901234567890, null]',
        ['one', '', '{"a":[1.0]}', '12345678901234567890', 'null'],
      ],
      [
        'lines',
        '"one"\n{"a": [1.0]}\r\n\n12345678901234567890\n',
        ['one', '{"a": [1.0]}', '12345678901234567890'],
      ],
      ['lines behind a byte order mark', '\ufeff\n["one"]\n"two"', ['["one"]', 'two']],
      ['lines of arrays', '["one"]\n["two"]', ['["one"]', '["two"]']],
    ] as const) {
      test(`a batch of ${what} is as many messages, in its order`, async (context) => {
        const queue = await startQueue(start, context, ['before'])
        const { messages } = (await queue.enqueueBatch(batch)).json(Messages)
        assert.deepEqual(
          messages.map(({ body }) => body),
          bodies,
        )
        assert.deepEqual((await queue.takeSome(100)).bodies, ['before', ...bodies])
      })
    }

    const thousand = Array.from({ length: 1000 }, () => 0)
    for (const [what, batch, status, words] of [
      ['none', ' ', 400, /^the batch has no messages$/m],
      ['an empty array', '[]', 400, /^the batch has no messages$/m],
      ['an array that is cut off', '["one", "two"', 400, /^the batch is not a JSON array: /],
      ['a line that is no JSON', '"one"\ntwo', 400, /^line 2 of the batch is not JSON: /],
      ['empty lines before it', '\ufeff\n\r\n"one"\ntwo', 400, /^line 4 of the batch is not JSON: /],
      [
        'an array below empty lines',
        '\n\n[1,\n2 3]',
        400,
        /^the batch is not a JSON array: .*line 4 column 3/,
      ],
      ['a text that is no Unicode', '["one", "\\ud800"]', 400, /^message 2 of the batch is no Unicode text/],
      [
        'too many',
        JSON.stringify([...thousand, 0]),
        400,
        /^a batch has at most 1,000 messages, and this one 1,001$/m,
      ],
      ['too large a body', JSON.stringify(['x'.repeat(1 << 20)]), 413, /--body-limit/],
    ] as const) {
      test(`of a batch with ${what} nothing is put in`, async (context) => {
        const queue = await startQueue(start, context)
        assertRefused(await queue.enqueueBatch(batch), status, words)
        assert.deepEqual(await queue.figures(), nothingYet)
      })
    }

    test('a batch of 1,000 is taken, and taken out at once', async (context) => {
      const queue = await startQueue(start, context)
      assert.equal((await queue.enqueueBatch(JSON.stringify(thousand))).status, 200)
      const { leases } = await queue.takeSome(1000)
      assert.equal(new Set(leases).size, 1000)
      const settlement = (await queue.settleAll('ack', leases)).json(Settlement)
      assert.deepEqual(settlement, { kind: 'settlement', settled: 1000, gone: [] })
      assert.deepEqual(await queue.figures(), { ...nothingYet, enqueued: 1000, dequeued: 1000 })
    })

    test('a batch with an Idempotency-Key is refused, since its messages need one each', async (context) => {
      const queue = await startQueue(start, context)
      const question = { body: '["one"]', headers: { 'idempotency-key': 'a' } }
      const answer = await queue.kuard.ask('POST', `${queue.path}/enqueue?batch=true`, question)
      assertRefused(answer, 400, /Idempotency-Key/)
    })

    test('who asks for a number of messages gets a list, also of one, and 204 where there is none', async (context) => {
      const queue = await startQueue(start, context, ['one', 'two', 'three'])
      const bodies = async (count: number) =>
        (await queue.dequeueBy(`count=${count}`)).json(DeliveredMessages).messages.map(({ body }) => body)
      assert.deepEqual([await bodies(1), await bodies(5)], [['one'], ['two', 'three']])
      assert.equal((await queue.dequeueBy('count=5')).status, 204)
      for (const count of ['0', '1001', 'all'])
        assertRefused(await queue.dequeueBy(`count=${count}`), 400, /^count /)
    })

    test('several leases are settled together, and those that are gone are named', async (context) => {
      const queue = await startQueue(start, context, ['one', 'two', 'three'])
      const { leases } = await queue.takeSome(3)
      const [first = '', second = '', third = ''] = leases
      const given = (await queue.settleAll('nack', [second, 'x', third, second])).json(Settlement)
      assert.deepEqual(given, { kind: 'settlement', settled: 2, gone: ['x'] })
      const done = (await queue.settleAll('ack', [first, second])).json(Settlement)
      assert.deepEqual(done, { kind: 'settlement', settled: 1, gone: [second] })
      assert.deepEqual(await queue.figures(), { ...nothingYet, depth: 2, enqueued: 3, dequeued: 1 })
    })

    for (const action of ['ack', 'nack'] as const) {
      test(`${action} wants one lease in the query or several in the body, and says so`, async (context) => {
        const queue = await startQueue(start, context)
        const path = `${queue.path}/${action}`
        assertRefused(await queue.kuard.post(path), 400, /^lease is missing in the query, or \{"leases"/)
        const both = await queue.kuard.post(`${path}?lease=x`, '{"leases":["y"]}')
        assertRefused(both, 400, /^lease is in the query, and leases in the body/)
        for (const body of ['{"leases":[]}', '{"leases":"x"}', '{}'])
          assertRefused(await queue.kuard.post(path, body), 400, /leases/)
        assertRefused(await queue.kuard.post(path, 'x'), 400, /^the body is not JSON/)
      })
    }

    test('a delayed message is hidden until then, and ahead of newer ones after', async (context) => {
      const queue = await startQueue(start, context)
      await queue.kuard.post(`${queue.path}/enqueue?delay=2`, 'one')
      await queue.enqueue('two')
      assert.deepEqual(await queue.figures(), { ...nothingYet, depth: 1, enqueued: 2, delayed: 1 })
      await eventually('the delay to be over', async () => (await queue.stats()).delayed === 0)
      assert.deepEqual(await queue.rest(), ['one', 'two'])
    })

    test('a message that is given back with a delay is hidden for that long, and an empty queue tells of it', async (context) => {
      const queue = await startQueue(start, context, ['one'])
      const { lease } = await queue.take()
      assert.equal((await queue.kuard.post(`${queue.path}/nack?lease=${lease}&delay=2`)).status, 200)
      const { status, headers } = await queue.dequeue()
      assert.deepEqual([status, headers['memq-leased'], headers['memq-delayed']], [204, '0', '1'])
      await eventually('the delay to be over', async () => (await queue.stats()).delayed === 0)
      assert.deepEqual(await queue.rest(), ['one'])
      for (const delay of ['-1', '86401', 'long'])
        assertRefused(await queue.kuard.post(`${queue.path}/enqueue?delay=${delay}`), 400, /^delay /)
    })

    test('a look at a queue takes nothing, shows what waits, what is leased and what is delayed, and goes on page by page', async (context) => {
      const queue = await startQueue(start, context, ['one', 'two', 'é'.repeat(2000)])
      await queue.kuard.post(`${queue.path}/enqueue?delay=3600`, 'four')
      await queue.take()
      const first = await queue.peek('?count=2')
      const second = await queue.peek(`?count=2&after=${first.next}`)
      assert.equal(second.next, undefined)
      const messages = [...first.messages, ...second.messages]
      assert.deepEqual(
        messages.map(({ state, deliveries, bytes, start: { length } }) => [state, deliveries, bytes, length]),
        [
          ['leased', 1, 3, 3],
          ['waiting', 0, 3, 3],
          ['waiting', 0, 4000, 1024],
          ['delayed', 0, 4, 4],
        ],
      )
      assert.ok(messages.every(({ state, until }) => (until === undefined) === (state === 'waiting')))
      assert.deepEqual(await queue.figures(), { ...nothingYet, depth: 2, enqueued: 4, leased: 1, delayed: 1 })
      for (const query of ['?count=0', '?count=101', '?after=x']) {
        const answer = await queue.kuard.get(`${queue.path}/messages${query}`)
        assertRefused(answer, 400, /^(count|after) /)
      }
      const nowhere = new QueueClient(queue.kuard, 'nowhere')
      assertRefused(await queue.kuard.get(`${nowhere.path}/messages`), 400, /^does not exist$/m)
    })

    test('beyond its greatest length a queue refuses, a batch whole, or drops the oldest, as it is told', async (context) => {
      const queue = await startQueue(start, context)
      await queue.keepTo({ maxLength: 2 })
      assert.equal((await queue.enqueueBatch('["one","two"]')).status, 200)
      assertRefused(await queue.enqueue('three'), 507, /\S/)
      await queue.dequeue()
      assertRefused(await queue.enqueueBatch('["three","four"]'), 507, /\S/)
      await queue.keepTo({ maxLength: 2, overflow: 'drop-oldest' })
      for (const body of ['three', 'four']) assert.equal((await queue.enqueue(body)).status, 200)
      assert.deepEqual(await queue.figures(), {
        ...nothingYet,
        depth: 2,
        enqueued: 4,
        dequeued: 1,
        drained: 1,
      })
      assert.deepEqual(await queue.rest(), ['three', 'four'])
    })

    test('with --read-only nobody sets, redrives or puts in, and everybody may look', async (context) => {
      const queue = new QueueClient(await start(context, ['--read-only']), 'work')
      for (const change of [() => queue.keepTo({}), queue.redrive, () => queue.enqueueBatch('[""]')])
        assertRefused(await change(), 403, /read-only/)
      const may = [queue.dequeueBy('count=2'), queue.settleAll('ack', ['x']), queue.settleAll('nack', ['x'])]
      for (const answer of await Promise.all(may)) assertRefused(answer, 400, /does not exist/)
      assertRefused(await queue.kuard.get(`${queue.path}/messages`), 400, /does not exist/)
    })
  })

test('a page of another site can neither set a queue nor redrive', async (context) => {
  const kuard = await startKuard(context)
  const queue = new QueueClient(kuard, 'work')
  for (const [method, path] of [
    ['PUT', queue.path],
    ['POST', `${queue.path}/redrive`],
  ] as const) {
    const headers = { 'sec-fetch-site': 'cross-site' }
    assertRefused(await kuard.ask(method, path, { headers }), 403, /another site/)
  }
})
