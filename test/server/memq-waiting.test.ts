/** Workers that wait for a message of MemQ, over HTTP. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { connect } from 'node:net'
import { suite, test, type TestContext } from 'node:test'
import { DeliveredMessage, DeliveredMessages } from '../../server/features/memq/wire.ts'
import { atEnd } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard } from '../support/kuard.ts'
import { assertRefused, nothingYet, QueueClient, shared, startQueue, stores } from '../support/queues.ts'

/** Sends several requests on one connection, one behind the other; resolves to all that is answered once it matches. */
function waitInTurn(context: TestContext, queue: QueueClient, queries: readonly string[]) {
  const socket = connect(queue.kuard.port, '127.0.0.1')
  atEnd(context, () => socket.destroy())
  let answered = ''
  socket.on('data', (chunk: Buffer) => (answered += chunk.toString()))
  const head = 'Host: localhost\r\nContent-Length: 0\r\n\r\n'
  socket.write(queries.map((query) => `POST ${queue.path}/dequeue?${query} HTTP/1.1\r\n${head}`).join(''))
  return { socket, bodies: () => [...answered.matchAll(/"body":"(\w+)"/g)].map(([, body]) => body) }
}

/** Begins to wait; resolves when the server has been asked, and stops when the test says so. */
async function beginWait(queue: QueueClient, query: string) {
  const asked = request({ port: queue.kuard.port, method: 'POST', path: `${queue.path}/dequeue?${query}` })
  asked.on('error', () => undefined).end()
  await new Promise((resolve) => asked.once('finish', resolve))
  // Whoever asks later is answered later.
  await queue.stats()
  return asked
}

for (const [store, startAnew] of Object.entries(stores))
  suite(`waiting in ${store}`, () => {
    const start = shared(startAnew)

    test('who waits has a message as soon as there is one, under a lease or for good', async (context) => {
      const queue = await startQueue(start, context)
      const begin = performance.now()
      const leased = queue.dequeueBy('wait=20&lease=60')
      await queue.stats()
      await queue.enqueue('one')
      const { body, lease, deliveries } = (await leased).json(DeliveredMessage)
      assert.deepEqual([body, deliveries, lease !== undefined], ['one', 1, true])
      const taken = queue.dequeueBy('wait=20&count=3')
      await queue.enqueueBatch('["two","three"]')
      const { messages } = (await taken).json(DeliveredMessages)
      assert.deepEqual(
        messages.map((message) => message.body),
        ['two', 'three'],
      )
      assert.ok(performance.now() - begin < 15_000)
      assert.deepEqual(await queue.figures(), { ...nothingYet, enqueued: 3, dequeued: 2, leased: 1 })
    })

    test('who finds something need not wait, and who waits in vain gets 204 when the time is over', async (context) => {
      const queue = await startQueue(start, context, ['one'])
      assert.equal((await queue.dequeueBy('wait=20')).json(DeliveredMessage).body, 'one')
      const begin = performance.now()
      const { status, headers } = await queue.dequeueBy('wait=1')
      assert.deepEqual([status, headers['memq-leased'], headers['memq-delayed']], [204, '0', '0'])
      assert.ok(performance.now() - begin >= 990)
      assert.equal((await queue.dequeueBy('wait=0')).status, 204)
      for (const wait of ['-1', '21', 'long'])
        assertRefused(await queue.dequeueBy(`wait=${wait}`), 400, /^wait /)
      const nowhere = new QueueClient(queue.kuard, 'nowhere')
      assertRefused(await nowhere.dequeueBy('wait=20'), 400, /^does not exist$/m)
    })

    test('who has waited longest is first', async (context) => {
      const queue = await startQueue(start, context)
      const { bodies } = waitInTurn(
        context,
        queue,
        Array.from({ length: 5 }, () => 'wait=20'),
      )
      for (const body of ['a', 'b', 'c', 'd', 'e']) await queue.enqueue(body)
      await eventually('five answers', () => bodies().length === 5)
      assert.deepEqual(bodies(), ['a', 'b', 'c', 'd', 'e'])
    })

    test('what is given back, expires or is no longer delayed goes to who waits', async (context) => {
      const queue = await startQueue(start, context, ['one', 'two'])
      const { lease } = await queue.take()
      await queue.take(1)
      const { bodies } = waitInTurn(context, queue, ['wait=20', 'wait=20', 'wait=20'])
      await queue.settle('nack', lease)
      await eventually('two messages', () => bodies().length === 2)
      await queue.kuard.post(`${queue.path}/enqueue?delay=1`, 'three')
      await eventually('three messages', () => bodies().length === 3)
      assert.deepEqual(bodies(), ['one', 'two', 'three'])
    })

    test('a client that has left takes nothing, and no delivery is counted', async (context) => {
      const queue = await startQueue(start, context)
      const waits = await Promise.all(Array.from({ length: 5 }, () => beginWait(queue, 'wait=20&lease=3600')))
      for (const wait of waits) wait.destroy()
      // It is known to have left when the server has logged that.
      const left = new RegExp(`(?:dequeue\\?wait=20&lease=3600 .*\\n[^]*){5}`)
      await queue.kuard.logged(left)
      await queue.enqueue('one')
      assert.deepEqual(await queue.figures(), { ...nothingYet, depth: 1, enqueued: 1 })
      assert.equal((await queue.dequeue()).json(DeliveredMessage).deliveries, 1)
    })

    test('who waits for a queue that is deleted is told that it does not exist', async (context) => {
      const queue = await startQueue(start, context)
      const waiting = queue.dequeueBy('wait=20')
      await queue.stats()
      await queue.delete()
      assertRefused(await waiting, 400, /^does not exist$/m)
    })

    test('when the server shuts down, those who wait are sent away at once, and those who come get what there is', async (context) => {
      const queue = await startQueue(startAnew, context, [], ['--shutdown-delay=2'])
      const begin = performance.now()
      const waiting = queue.dequeueBy('wait=20&lease=60')
      await queue.stats()
      const ended = queue.kuard.terminate()
      assert.equal((await waiting).status, 204)
      assert.equal((await queue.dequeueBy('wait=20')).status, 204)
      await queue.enqueue('one')
      assert.equal((await queue.dequeueBy('wait=20')).json(DeliveredMessage).body, 'one')
      assert.equal((await ended).code, 0)
      assert.ok(performance.now() - begin < 15_000)
    })
  })

test('five hundred can wait, and probes are answered', async (context) => {
  const queue = await startQueue(startKuard, context)
  const waiting = Array.from({ length: 500 }, () => queue.dequeueBy('wait=20'))
  assert.equal((await queue.kuard.get('/healthy')).status, 200)
  await queue.enqueueBatch(JSON.stringify(Array.from({ length: 500 }, (_, index) => `item-${index}`)))
  const bodies = (await Promise.all(waiting)).map((answer) => answer.json(DeliveredMessage).body)
  assert.equal(new Set(bodies).size, 500)
})
