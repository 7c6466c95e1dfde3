/** The MemQ server, over HTTP. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { DeliveredMessage, Message, Stats, type QueueStats } from '../../server/features/memq/wire.ts'
import { eventually } from '../support/eventually.ts'
import { readEvents } from '../support/event-stream.ts'
import { startKuard } from '../support/kuard.ts'
import { prefixes } from '../support/prefixes.ts'
import {
  assertRefused,
  figuresOf,
  nothingYet,
  QueueClient,
  queuePath,
  server,
  shared,
  startQueue,
  stores,
} from '../support/queues.ts'

for (const [store, startAnew] of Object.entries(stores))
  suite(`queues in ${store}`, () => {
    const start = shared(startAnew)

    for (const prefix of prefixes) {
      test(`a message goes through a queue under ${prefix || '/'}`, async (context) => {
        const kuard = await start(context)
        const path = `${prefix}${queuePath('work')}`
        const created = await kuard.ask('PUT', path)
        assert.deepEqual([created.status, created.text], [200, ''])

        const enqueued = await kuard.post(`${path}/enqueue`, 'work-item-0')
        const message = enqueued.json(Message)
        assert.equal(enqueued.headers['content-type']?.split(';')[0], 'application/json')
        assert.equal(enqueued.headers['cache-control'], 'no-cache, private, max-age=0')
        assert.deepEqual(Object.keys(message), ['kind', 'id', 'body', 'creationTimestamp'])
        assert.equal(message.body, 'work-item-0')
        assert.ok(Math.abs(Date.parse(message.creationTimestamp) - Date.now()) < 60_000)

        const stats = async () => {
          const { kind, queues } = (await kuard.get(`${prefix}${server}/stats`)).json(Stats)
          return { kind, queues: queues.map(figuresOf) }
        }
        const counts = { ...nothingYet, depth: 1, enqueued: 1 }
        assert.deepEqual(await stats(), { kind: 'stats', queues: [counts] })

        assert.deepEqual((await kuard.post(`${path}/dequeue`)).json(DeliveredMessage), {
          ...message,
          deliveries: 1,
        })
        assert.equal((await kuard.post(`${path}/dequeue`)).status, 204)

        await kuard.post(`${path}/enqueue`, 'work-item-1')
        const drained = await kuard.post(`${path}/drain`)
        assert.deepEqual([drained.status, drained.text], [200, ''])
        const after = { ...counts, depth: 0, enqueued: 2, dequeued: 1, drained: 1 }
        assert.deepEqual(await stats(), { kind: 'stats', queues: [after] })

        const deleted = await kuard.ask('DELETE', path)
        assert.deepEqual([deleted.status, deleted.text], [200, ''])
        assert.deepEqual(await stats(), { kind: 'stats', queues: [] })
      })
    }

    test('a queue that is there already is refused, and keeps what is in it', async (context) => {
      const queue = await startQueue(start, context, ['one'])
      assertRefused(await queue.create(), 400, /^already exists$/m)
      assert.equal((await queue.stats()).depth, 1)
    })

    test('a queue is made by a PUT whose body turns out to be empty at its end', async (context) => {
      const queue = new QueueClient(await start(context), 'work')
      const headers = { 'transfer-encoding': 'chunked', 'content-type': 'application/json' }
      assert.equal((await queue.kuard.ask('PUT', queue.path, { headers })).status, 200)
      assert.deepEqual(await queue.figures(), nothingYet)
    })

    for (const [method, action] of [
      ['DELETE', ''],
      ['POST', '/drain'],
      ['POST', '/enqueue'],
      ['POST', '/dequeue'],
      ['POST', '/dequeue?lease=10'],
      ['POST', '/ack?lease=x'],
      ['POST', '/nack?lease=x'],
      ['POST', '/renew?lease=x'],
    ] as const) {
      test(`${method} ${action} of a queue that does not exist says so`, async (context) => {
        const kuard = await start(context)
        assertRefused(await kuard.ask(method, `${queuePath('nowhere')}${action}`), 400, /^does not exist$/m)
      })
    }

    test('queues are listed by name', async (context) => {
      const kuard = await start(context)
      for (const name of ['b', 'é', 'a', 'B', '__proto__']) await new QueueClient(kuard, name).create()
      const { queues } = (await kuard.get(`${server}/stats`)).json(Stats)
      assert.deepEqual(
        queues.map(({ name }) => name),
        ['B', '__proto__', 'a', 'b', 'é'],
      )
    })

    for (const [what, name] of Object.entries({
      'a slash': 'a/b',
      'a blank and a percent sign': '100 %',
      'letters of other scripts': 'очередь 队列 🐟',
      'the longest name': 'x'.repeat(1024),
      'the longest name in another script': '列'.repeat(1024),
    })) {
      test(`a queue's name may be or have ${what}`, async (context) => {
        const queue = new QueueClient(await start(context), name)
        assert.equal((await queue.create()).status, 200)
        assert.equal((await queue.enqueue('x')).status, 200)
        assert.equal((await queue.stats()).depth, 1)
      })
    }

    for (const [what, segment, status] of [
      ['an empty name', '', 400],
      ['a name of more than 1024 characters', 'x'.repeat(1025), 414],
      ['a broken escape', '%zz', 400],
      ['an escape that is no UTF-8', '%ff', 400],
    ] as const) {
      test(`${what} is refused`, async (context) => {
        const kuard = await start(context)
        assert.equal((await kuard.ask('PUT', `${server}/queues/${segment}`)).status, status)
        assert.deepEqual((await kuard.get(`${server}/stats`)).json(Stats).queues, [])
      })
    }

    for (const [what, body] of Object.entries({
      nothing: '',
      JSON: '{"kind":"message"}',
      'what looks like a form': 'a=b&c=%20',
      'other scripts, control characters and quotes': '日本\u0000\n"\\🐟',
      'many bytes': 'é'.repeat(300_000),
    })) {
      test(`a body of ${what} comes out as it went in`, async (context) => {
        const queue = await startQueue(start, context, [body])
        assert.equal((await queue.dequeue()).json(DeliveredMessage).body, body)
      })
    }

    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain;charset=UTF-8',
      'application/json',
      '//',
    ]) {
      test(`a body is taken as text when its type is said to be ${type}`, async (context) => {
        const queue = await startQueue(start, context)
        const question = { body: '{"a":', headers: { 'content-type': type } }
        assert.equal((await queue.kuard.ask('POST', `${queue.path}/enqueue`, question)).status, 200)
        assert.deepEqual(await queue.rest(), ['{"a":'])
      })
    }

    test('a body that a route has no use for is ignored', async (context) => {
      const queue = await startQueue(start, context, ['one'])
      assert.equal((await queue.kuard.post(`${queue.path}/dequeue`, 'no JSON')).status, 200)
    })

    test('an enqueue that is tried again with its Idempotency-Key is one message, in that queue and with that key', async (context) => {
      const queue = await startQueue(start, context)
      const other = new QueueClient(queue.kuard, 'other')
      await other.create()
      const send = (to: QueueClient, key: string) =>
        to.kuard.ask('POST', `${to.path}/enqueue`, { body: 'one', headers: { 'idempotency-key': key } })
      const first = (await send(queue, 'a')).json(Message)
      assert.deepEqual((await queue.dequeue()).json(DeliveredMessage), { ...first, deliveries: 1 })
      assert.deepEqual((await send(queue, 'a')).json(Message), first)
      assert.notEqual((await send(queue, 'b')).json(Message).id, first.id)
      assert.notEqual((await send(other, 'a')).json(Message).id, first.id)
      const counts = { ...nothingYet, depth: 1, enqueued: 2, dequeued: 1 }
      assert.deepEqual(await queue.figures(), counts)
      for (const key of ['', 'x'.repeat(256)]) assertRefused(await send(queue, key), 400, /Idempotency-Key/)

      // In a queue that is made anew it is another message.
      await queue.delete()
      await queue.create()
      assert.notEqual((await send(queue, 'a')).json(Message).id, first.id)
      assert.equal((await queue.stats()).depth, 1)
    })

    test('messages come out in the order in which they went in', async (context) => {
      const bodies = Array.from({ length: 50 }, (_, index) => `work-item-${index}`)
      const queue = await startQueue(start, context, bodies)
      assert.deepEqual(await queue.rest(), bodies)
    })

    test('a leased message is hidden, and acking it finishes it', async (context) => {
      const queue = await startQueue(start, context, ['one', 'two'])
      const { body, lease } = await queue.take()
      assert.equal(body, 'one')
      assert.deepEqual(await queue.rest(), ['two'])
      const counts = { ...nothingYet, enqueued: 2, dequeued: 1, leased: 1 }
      assert.deepEqual(await queue.figures(), counts)
      const acked = await queue.settle('ack', lease)
      assert.deepEqual([acked.status, acked.text], [200, ''])
      assert.deepEqual(await queue.figures(), { ...counts, dequeued: 2, leased: 0 })
    })

    test('an empty queue says how many messages are under lease', async (context) => {
      const queue = await startQueue(start, context, ['one', 'two'])
      const { lease } = await queue.take()
      await queue.take()
      const answer = await queue.dequeue(10)
      assert.deepEqual([answer.status, answer.headers['memq-leased']], [204, '2'])
      await queue.settle('ack', lease)
      assert.equal((await queue.dequeue()).headers['memq-leased'], '1')
    })

    test('messages that are given back go ahead of newer ones, in their own order', async (context) => {
      const queue = await startQueue(start, context, ['one', 'two', 'three', 'four'])
      const leases = [await queue.take(), await queue.take(), await queue.take()]
      for (const index of [1, 0, 2]) {
        const answer = await queue.settle('nack', leases[index]?.lease ?? '')
        assert.deepEqual([answer.status, answer.text], [200, ''])
      }
      await queue.enqueue('five')
      assert.deepEqual(await queue.rest(), ['one', 'two', 'three', 'four', 'five'])
    })

    test('an expired lease gives its message back by itself, ahead of newer ones', async (context) => {
      const queue = await startQueue(start, context, ['one', 'two'])
      const { lease } = await queue.take(1)
      await eventually('the lease to expire', async () => (await queue.stats()).leased === 0)
      for (const action of ['ack', 'nack', 'renew'] as const)
        assertRefused(await queue.settle(action, lease), 410, /lease has expired/)
      assert.deepEqual(await queue.rest(), ['one', 'two'])
    })

    test('renewing a lease starts its time anew', async (context) => {
      const queue = await startQueue(start, context, ['one'])
      const { lease } = await queue.take(3)
      const end = performance.now() + 4000
      while (performance.now() < end) {
        const answer = await queue.settle('renew', lease)
        assert.deepEqual([answer.status, answer.text], [200, ''])
        await sleep(100)
      }
      assert.equal((await queue.settle('ack', lease)).status, 200)
    })

    for (const action of ['ack', 'nack', 'renew'] as const) {
      test(`${action} refuses a lease that is unknown, of another queue, or over`, async (context) => {
        const queue = await startQueue(start, context, ['one'])
        const other = new QueueClient(queue.kuard, 'other')
        await other.create()
        const { lease } = await queue.take()
        assertRefused(await other.settle(action, lease), 410, /lease/)
        assertRefused(await queue.settle(action, 'x'), 410, /lease/)
        assertRefused(await queue.kuard.post(`${queue.path}/${action}`), 400, /lease/)
        await queue.settle('nack', lease)
        assertRefused(await queue.settle(action, lease), 410, /lease/)
      })
    }

    test('an Idempotency-Key that comes with another body is 422 with the reason', async (context) => {
      const queue = await startQueue(start, context)
      const send = (body: string) =>
        queue.kuard.ask('POST', `${queue.path}/enqueue`, { body, headers: { 'idempotency-key': 'a' } })
      const first = (await send('one')).json(Message)
      assertRefused(await send('two'), 422, /^this Idempotency-Key was sent with another message/m)
      assert.deepEqual((await send('one')).json(Message), first)
      assert.deepEqual(await queue.rest(), ['one'])
    })

    test('an ack may be tried again: the answer is that of the first time, and it counts once', async (context) => {
      const queue = await startQueue(start, context, ['one', 'two'])
      const { lease } = await queue.take()
      for (let time = 0; time < 3; time += 1) {
        const acked = await queue.settle('ack', lease)
        assert.deepEqual([acked.status, acked.text], [200, ''])
      }
      const { dequeued, leased, depth } = await queue.stats()
      assert.deepEqual({ dequeued, leased, depth }, { dequeued: 1, leased: 0, depth: 1 })
      for (const action of ['nack', 'renew'] as const)
        assertRefused(await queue.settle(action, lease), 410, /lease/)
      await queue.delete()
      await queue.create()
      assertRefused(await queue.settle('ack', lease), 410, /lease/)
    })

    for (const lease of ['0', '3601', '-1', '1.5', '1e2', '0x10', 'true', 'soon', '', '5&lease=6']) {
      test(`a lease of "${lease}" seconds is refused, and takes nothing`, async (context) => {
        const queue = await startQueue(start, context, ['one'])
        assertRefused(await queue.kuard.post(`${queue.path}/dequeue?lease=${lease}`), 400, /lease/)
        assert.equal((await queue.stats()).depth, 1)
      })
    }

    for (const lease of [1, 3600]) {
      test(`a lease may last ${lease} s`, async (context) => {
        const queue = await startQueue(start, context, ['one'])
        assert.equal((await queue.dequeue(lease)).status, 200)
      })
    }

    test('draining leaves leased messages to their holders', async (context) => {
      const queue = await startQueue(start, context, ['one', 'two', 'three'])
      const { lease } = await queue.take()
      await queue.drain()
      const counts = { ...nothingYet, enqueued: 3, drained: 2, leased: 1 }
      assert.deepEqual(await queue.figures(), counts)
      await queue.settle('nack', lease)
      assert.deepEqual(await queue.rest(), ['one'])
    })

    test('deleting a queue ends the leases on it', async (context) => {
      const queue = await startQueue(start, context, ['one', 'two'])
      const [first, second] = [await queue.take(1), await queue.take()]
      assert.equal((await queue.delete()).status, 200)
      assertRefused(await queue.settle('ack', first.lease), 400, /^does not exist$/m)

      await queue.create()
      for (const { lease } of [first, second]) assertRefused(await queue.settle('ack', lease), 410, /lease/)
      // Long enough for the first lease to have come back, had it lived on.
      await sleep(1500)
      const counts = nothingYet
      assert.deepEqual(await queue.figures(), counts)
    })

    test('with --read-only, consumers work and nobody else', async (context) => {
      const kuard = await start(context, ['--read-only'])
      const queue = new QueueClient(kuard, 'work')
      for (const change of [queue.create, queue.delete, queue.drain, () => queue.enqueue('x')])
        assert.equal((await change()).status, 403)
      assertRefused(await queue.dequeue(), 400, /does not exist/)
      for (const action of ['ack', 'nack', 'renew'] as const)
        assertRefused(await queue.settle(action, 'x'), 400, /does not exist/)
      assert.equal((await kuard.get(`${server}/stats`)).status, 200)
    })

    test('--disable=memq takes every route away', async (context) => {
      const kuard = await start(context, ['--disable=memq'])
      assert.equal((await kuard.get(`${server}/stats`)).status, 404)
      assert.equal((await kuard.ask('PUT', queuePath('work'))).status, 404)
    })

    test('the stats are read with HEAD, and no other method than a route has is taken', async (context) => {
      const queue = await startQueue(start, context)
      const head = await queue.kuard.ask('HEAD', `${server}/stats`)
      assert.deepEqual([head.status, head.text], [200, ''])
      const answer = await queue.kuard.get(`${queue.path}/dequeue`)
      assert.deepEqual([answer.status, answer.headers.allow], [405, 'POST'])
    })

    test('the event stream tells of every change, an expired lease too', async (context) => {
      const queue = await startQueue(start, context)
      const reader = await readEvents(context, queue.kuard.port)
      const counts = nothingYet
      const expect = (change: Partial<QueueStats>) =>
        reader.latest('memq', Stats, ({ queues }) =>
          isDeepStrictEqual(queues.map(figuresOf), [{ ...counts, ...change }]),
        )
      await expect({})
      await queue.enqueue('one')
      await expect({ enqueued: 1, depth: 1 })
      await queue.take(3)
      await expect({ enqueued: 1, leased: 1 })
      await expect({ enqueued: 1, depth: 1 })
      await queue.settle('ack', (await queue.take()).lease)
      await expect({ enqueued: 1, dequeued: 1 })
      await queue.delete()
      await reader.latest('memq', Stats, ({ queues }) => queues.length === 0)
    })
  })

test('a message over --memq-max-bytes is refused with the reason, and nothing is lost', async (context) => {
  const queue = await startQueue(startKuard, context, ['x'.repeat(50_000)], ['--memq-max-bytes=100000'])
  assertRefused(await queue.enqueue('y'.repeat(50_000)), 507, /full: \d+ of --memq-max-bytes=100000 /)
  assert.deepEqual(await queue.figures(), { ...nothingYet, depth: 1, enqueued: 1 })
  assert.deepEqual(await queue.rest(), ['x'.repeat(50_000)])
  assert.equal((await queue.enqueue('y'.repeat(50_000))).status, 200)
})

test('--memq-max-bytes counts what messages without a body take', async (context) => {
  const queue = await startQueue(startKuard, context, [], ['--memq-max-bytes=20000'])
  const fill = async () => {
    while ((await queue.enqueue('')).status === 200);
    return (await queue.stats()).depth
  }
  const depth = await fill()
  assert.ok(depth > 10 && depth < 100, String(depth))
  await queue.drain()
  assert.equal(await fill(), depth)
})

test('--memq-max-bytes counts queues, which give their share back', async (context) => {
  const queue = await startQueue(startKuard, context, [], ['--memq-max-bytes=4000'])
  const large = new QueueClient(queue.kuard, 'x'.repeat(1000))
  assert.equal((await large.create()).status, 200)
  assertRefused(await new QueueClient(queue.kuard, 'more').create(), 507, /full/)
  await large.delete()
  assert.equal((await large.create()).status, 200)
})

test('Idempotency-Keys take nothing of --memq-max-bytes', async (context) => {
  const queue = await startQueue(startKuard, context, [], ['--memq-max-bytes=60000'])
  for (let item = 0; item < 400; item += 1) {
    const question = { body: `item-${item}`, headers: { 'idempotency-key': `key-${item}`.padEnd(255, '.') } }
    assert.equal((await queue.kuard.ask('POST', `${queue.path}/enqueue`, question)).status, 200)
    assert.equal((await queue.dequeue()).status, 200)
  }
  assert.equal((await queue.enqueue('x'.repeat(50_000))).status, 200)
})

test('full queues can still be worked off under leases', async (context) => {
  const queue = await startQueue(startKuard, context, [], ['--memq-max-bytes=20000'])
  while ((await queue.enqueue('')).status === 200);
  const { depth } = await queue.stats()
  for (let taken = 0; taken < depth; taken += 1) await queue.take()
  assertRefused(await queue.enqueue(''), 507, /full/)
  assert.equal((await queue.stats()).leased, depth)
  await queue.delete()
  await queue.create()
  assert.equal((await queue.enqueue('')).status, 200)
})
