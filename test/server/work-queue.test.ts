/** The book's chapter 10 with real processes: a queue, work put in by curl, and consumers that finish it. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { KeyGenStatus } from '../../server/features/keygen/wire.ts'
import { Stats, type QueueStats } from '../../server/features/memq/wire.ts'
import { cheapKeys } from '../support/cheap-keys.ts'
import { command } from '../support/command.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/free-port.ts'
import { ask, Kuard, startKuard, type StartOptions } from '../support/kuard.ts'
import { manifestsFolder } from '../support/manifests.ts'
import { nothingYet } from '../support/queues.ts'

const items = 100
const queuePath = '/memq/server/queues/keygen'
const curl = promisify(execFile)

/** Does what the book's load-queue.sh does. */
async function loadQueue(server: Kuard, count = items): Promise<void> {
  await curl('curl', ['-sS', '--fail', '-X', 'PUT', `${server.url}${queuePath}`])
  for (let item = 0; item < count; item += 1) {
    await curl('curl', [
      '-sS',
      '--fail',
      '-X',
      'POST',
      `${server.url}${queuePath}/enqueue`,
      '-d',
      `work-item-${item}`,
    ])
  }
}

/** The arguments of the book's job-consumers.yaml. */
const consumerArgs = (serverUrl: string): string[] => [
  '--keygen-enable',
  '--keygen-exit-on-complete',
  `--keygen-memq-server=${serverUrl}/memq/server`,
  '--keygen-memq-queue=keygen',
]

/** Starts a consumer without waiting for anything. */
const consumer = (
  context: TestContext,
  serverUrl: string,
  options: StartOptions,
  args: readonly string[] = [],
): Kuard =>
  new Kuard(
    context,
    ['--address=127.0.0.1:0', '--shutdown-delay=0', ...consumerArgs(serverUrl), ...args],
    options,
  )

async function stats(server: Kuard): Promise<QueueStats> {
  const [queue] = (await server.get('/memq/server/stats')).json(Stats).queues
  assert.ok(queue)
  return queue
}

const fingerprintsOf = (kuard: Kuard): string[] =>
  [...kuard.output.matchAll(/ Item done: (SHA256:\S{43})\n/g)].map(([, fingerprint = '']) => fingerprint)

const finished = { ...nothingYet, name: 'keygen', enqueued: items, dequeued: items }

test('load-queue.sh fills a queue, also one that is there, and ends where there is no server', async (context) => {
  const server = await startKuard(context)
  const script = join(manifestsFolder, '10-jobs/load-queue.sh')
  for (const enqueued of [items, 2 * items]) {
    const { code, errors } = await command('sh', [script, new URL(server.url).host])
    assert.deepEqual([code, errors, (await stats(server)).enqueued], [0, '', enqueued])
  }
  const { code, errors } = await command('sh', [script, `127.0.0.1:${await freePort()}`])
  assert.notEqual(code, 0)
  assert.match(errors, /^curl: .*\n$/)
})

test('five consumers do 100 items exactly once and exit with 0', async (context) => {
  const server = await startKuard(context)
  await loadQueue(server)
  const consumers = Array.from({ length: 5 }, () =>
    consumer(context, server.url, cheapKeys({ milliseconds: 50 })),
  )
  for (const { ended } of consumers) assert.deepEqual(await ended, { code: 0, signal: null })
  const fingerprints = consumers.flatMap(fingerprintsOf)
  assert.equal(fingerprints.length, items)
  assert.equal(new Set(fingerprints).size, items)
  assert.deepEqual(await stats(server), finished)
  for (const { output } of consumers) assert.match(output, / MemQ Worker starting\n/)
})

test('a consumer asked to end gives its item back at once and exits with 143', async (context) => {
  const server = await startKuard(context)
  await loadQueue(server, 2)
  const evicted = consumer(context, server.url, cheapKeys({ untilStuck: 0 }))
  await eventually('an item to be taken', async () => (await stats(server)).leased === 1)
  assert.deepEqual(await evicted.terminate(), { code: 143, signal: null })
  assert.deepEqual(fingerprintsOf(evicted), [])
  assert.match(evicted.output, / MemQ Worker shutting down\n/)
  const { depth, leased } = await stats(server)
  assert.deepEqual({ depth, leased }, { depth: 2, leased: 0 })
  const first = await server.post(`${queuePath}/dequeue`)
  assert.match(first.text, /"work-item-0"/, 'it is ahead of newer work')
})

test('a consumer whose server is gone still ends quickly, with 143', async (context) => {
  const server = await startKuard(context)
  await loadQueue(server, 1)
  const evicted = consumer(context, server.url, cheapKeys({ untilStuck: 0 }))
  await eventually('the item to be taken', async () => (await stats(server)).leased === 1)
  server.child.kill('SIGSTOP')
  const begin = performance.now()
  assert.equal((await evicted.terminate()).code, 143)
  assert.ok(performance.now() - begin < 8000, 'it waits two seconds for the server')
})

test('a lease that is lost is told, and its item is not counted', async (context) => {
  const server = await startKuard(context)
  await loadQueue(server, 1)
  const late = consumer(context, server.url, cheapKeys({ milliseconds: 3000 }))
  await eventually('the item to be taken', async () => (await stats(server)).leased === 1)
  await server.ask('DELETE', queuePath)
  await server.ask('PUT', queuePath)
  assert.equal((await late.ended).code, 0)
  assert.match(late.output, / Item not counted as done, since its lease is lost: 410 \S.*\n/)
  assert.deepEqual(fingerprintsOf(late), [])
})

test('a consumer waits for its server, for its queue and for work, and goes on when replaced', async (context) => {
  const server = await startKuard(context)
  const { port } = server
  await server.kill()
  const worker = await startKuard(context, [], cheapKeys())
  const order = {
    enable: true,
    numToGen: 1,
    timeToRun: 1,
    memQServer: `http://127.0.0.1:${port}/memq/server/`,
    memQQueue: 'keygen',
  }
  await worker.put('/keygen', order)
  await worker.logged(
    / Error talking to server: 127\.0\.0\.1:\d+: connection refused\. Retrying after 1s\.\n/,
  )
  const again = await startKuard(context, [`--address=127.0.0.1:${port}`])
  await worker.logged(/ Error talking to server: 400 .*does not exist.*\. Retrying after 1s\.\n/)
  await loadQueue(again, 3)
  // It may find the queue empty between two items that are put in.
  await worker.logged(/(?: Item done: [^]*){3} Queue is empty\. Waiting\.\n/)
  assert.equal(fingerprintsOf(worker).length, 3)
  const { progress, history } = (await worker.put('/keygen', {})).json(KeyGenStatus)
  assert.equal(progress.done, 3)
  assert.equal(progress.running, false)
  assert.equal(history.at(-1)?.data, 'MemQ Worker shutting down')
  assert.doesNotMatch(worker.output, /\(ID /)
})

test('a consumer with several workers takes as many items at once, and no more', async (context) => {
  const server = await startKuard(context)
  await loadQueue(server, 8)
  const options = cheapKeys({ untilStuck: 2 })
  const worker = consumer(context, server.url, options, ['--keygen-workers=3'])
  await eventually('two items to be done and three to be held', async () => {
    const { dequeued, leased } = await stats(server)
    assert.ok(leased <= 3)
    return dequeued === 2 && leased === 3
  })
  assert.equal((await worker.terminate()).code, 143)
  const { dequeued, leased, depth } = await stats(server)
  assert.deepEqual({ dequeued, leased, depth }, { dequeued: 2, leased: 0, depth: 6 })
})

/** What a consumer is told that goes on when its queue is empty. */
const orderOf = (server: string, memQQueue = 'keygen') => ({
  enable: true,
  memQServer: `${server}/memq/server`,
  memQQueue,
})

const emptyLine = / Queue is empty\. Waiting\.\n/

test('a consumer at an empty queue waits there, without asking again, and has an item as soon as there is one', async (context) => {
  const server = await startKuard(context)
  await loadQueue(server, 0)
  const worker = await startKuard(context, ['--keygen-workers=3'], cheapKeys())
  await worker.put('/keygen', orderOf(server.url))
  await worker.logged(emptyLine)
  for (const done of [1, 2, 3]) {
    await server.post(`${queuePath}/enqueue`, 'item')
    await eventually('it to be done', async () => (await stats(server)).dequeued === done)
  }
  // Each of the three has asked and waited, and so has who did an item.
  const asked = server.lines.filter((line) => line.includes('/dequeue?lease=30')).length
  assert.ok(asked <= 9, String(asked))
  assert.equal((await worker.terminate()).code, 0)
  await eventually(
    'the server to know that they have left',
    () => server.output.match(/&wait=20 /g)?.length === 6,
  )
})

test('a consumer that waits ends at once when it is asked to, or replaced', async (context) => {
  const server = await startKuard(context)
  await loadQueue(server, 0)
  const worker = await startKuard(context, [], cheapKeys())
  await worker.put('/keygen', orderOf(server.url))
  await worker.logged(emptyLine)
  const begin = performance.now()
  await worker.put('/keygen', orderOf(server.url, 'other'))
  await worker.logged(/ Error talking to server: 400 does not exist\. /)
  await worker.put('/keygen', orderOf(server.url))
  await worker.logged(new RegExp(`${emptyLine.source}[^]*${emptyLine.source}`))
  assert.equal((await worker.terminate()).code, 0)
  assert.ok(performance.now() - begin < 15_000)
})

test('an item that comes in the moment in which its consumer is replaced is done, or back at once', async (context) => {
  const server = await startKuard(context)
  await loadQueue(server, 0)
  const worker = await startKuard(context, [], cheapKeys())
  for (let time = 1; time <= 20; time += 1) {
    await worker.put('/keygen', orderOf(server.url))
    await eventually(
      'the consumer to wait',
      () => worker.output.split('Queue is empty. Waiting.').length > time,
    )
    await Promise.all([worker.put('/keygen', {}), server.post(`${queuePath}/enqueue`, 'item')])
    const { enqueued } = await eventually(
      'the item to be held by nobody',
      async () => {
        const now = await stats(server)
        return now.leased === 0 && now
      },
      10_000,
    )
    assert.equal(enqueued, time)
    await server.post(`${queuePath}/drain`)
  }
})

test('a server that shuts down sends its consumers away, and they ask each second', async (context) => {
  const server = await startKuard(context, ['--shutdown-delay=3'])
  await loadQueue(server, 0)
  const worker = await startKuard(context, [], cheapKeys())
  await worker.put('/keygen', orderOf(server.url))
  await worker.logged(emptyLine)
  const ended = server.terminate()
  await worker.logged(/ Queue is empty\. Retrying after 1s\.\n/)
  assert.equal((await ended).code, 0)
  const asked = server.lines.filter((line) => line.includes('/dequeue?lease=30')).length
  assert.ok(asked <= 14, String(asked))
  await worker.logged(/ Error talking to server: .*: connection refused\. Retrying after 1s\.\n/)
})

test('a consumer that is to end when all is done waits for items that are delayed', async (context) => {
  const server = await startKuard(context)
  await loadQueue(server, 0)
  await server.post(`${queuePath}/enqueue?delay=2`, 'item')
  const worker = consumer(context, server.url, cheapKeys())
  assert.equal((await worker.ended).code, 0)
  assert.match(worker.output, / Queue is empty, with 1 of its items delayed\. Waiting\.\n/)
  assert.deepEqual([fingerprintsOf(worker).length, (await stats(server)).dequeued], [1, 1])
})

/** Serves HTTP until the test ends; resolves to its base URL. */
async function serve(context: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A queue as the original has it: a message that is taken is gone. */
function queueWithoutLeases(count: number): { queue: string[]; answer: RequestListener } {
  const queue = Array.from({ length: count }, (_, index) => `work-item-${index}`)
  const answer: RequestListener = (request, response) => {
    const action = /^\/memq\/server\/queues\/keygen\/(\w+)/.exec(request.url ?? '')?.[1]
    if (action === 'enqueue') {
      request.on('data', (chunk: Buffer) => queue.push(chunk.toString()))
      request.on('end', () => response.end('{}'))
      return
    }
    const body = action === 'dequeue' ? queue.shift() : undefined
    if (action !== 'dequeue') response.writeHead(404).end('404 page not found\n')
    else if (body === undefined) response.writeHead(204).end()
    else response.end(JSON.stringify({ kind: 'message', id: '0'.repeat(32), body, creationTimestamp: '' }))
  }
  return { queue, answer }
}

test('a server that knows no leases is worked off all the same', async (context) => {
  const { queue, answer } = queueWithoutLeases(10)
  const url = await serve(context, answer)
  const workers = [
    consumer(context, url, cheapKeys(), ['--keygen-workers=2']),
    consumer(context, url, cheapKeys()),
  ]
  for (const { ended } of workers) assert.deepEqual(await ended, { code: 0, signal: null })
  assert.equal(new Set(workers.flatMap(fingerprintsOf)).size, 10)
  assert.deepEqual(queue, [])
})

test('a server that can’t wait is asked each second, and only one that knows of leases whether it can', async (context) => {
  for (const [headers, urls] of [
    [{}, new Set(['/memq/server/queues/keygen/dequeue?lease=30'])],
    [
      { 'memq-leased': '0' },
      new Set(['', '&wait=20'].map((wait) => `/memq/server/queues/keygen/dequeue?lease=30${wait}`)),
    ],
  ] as const) {
    const asked: string[] = []
    const url = await serve(context, (request, response) => {
      asked.push(request.url ?? '')
      response.writeHead(204, headers).end()
    })
    const worker = await startKuard(context, [], cheapKeys())
    const begin = performance.now()
    await worker.put('/keygen', orderOf(url))
    const line = / Queue is empty\. Retrying after 1s\.\n/.source
    await worker.logged(new RegExp(`${line}[^]*${line}[^]*${line}`))
    assert.deepEqual(new Set(asked), urls)
    assert.ok(asked.length <= urls.size * (2 + (performance.now() - begin) / 1000), String(asked.length))
    assert.equal(worker.output.includes('Waiting.'), urls.size > 1)
  }
})

test('an item of a server that knows no leases is put back when the consumer is asked to end', async (context) => {
  const { queue, answer } = queueWithoutLeases(2)
  const worker = consumer(context, await serve(context, answer), cheapKeys({ untilStuck: 0 }))
  await eventually('an item to be taken', () => queue.length === 1)
  assert.equal((await worker.terminate()).code, 143)
  assert.deepEqual(queue, ['work-item-1', 'work-item-0'])
})

/** Hands calls on to a server, but for the answer to the first ack, which is lost. */
function losingAnAnswer(server: Kuard): RequestListener {
  let lost = false
  return (request, response) => {
    void ask(server.port, request.method ?? '', request.url ?? '').then(({ status, headers, text }) => {
      if (!lost && request.url?.includes('/ack?') === true) {
        lost = true
        request.socket.destroy()
      } else response.writeHead(status, { 'memq-leased': headers['memq-leased'] ?? '0' }).end(text)
    })
  }
}

test('an item whose ack was heard and not answered is done, on both sides', async (context) => {
  const server = await startKuard(context)
  await loadQueue(server, 2)
  const worker = consumer(context, await serve(context, losingAnAnswer(server)), cheapKeys())
  assert.equal((await worker.ended).code, 0)
  assert.match(worker.output, /Error talking to server: .* Retrying after 1s\./)
  assert.doesNotMatch(worker.output, /not counted/)
  assert.equal(fingerprintsOf(worker).length, 2)
  const { dequeued, leased, depth } = await stats(server)
  assert.deepEqual({ dequeued, leased, depth }, { dequeued: 2, leased: 0, depth: 0 })
})

test('so it is where the server knows no repeated acks', async (context) => {
  let acks = 0
  const url = await serve(context, (request, response) => {
    if (request.url?.includes('/ack?') === true) {
      acks += 1
      if (acks === 1) request.socket.destroy()
      else response.writeHead(410).end('no such lease\n')
    } else if (acks === 0)
      response.end(
        JSON.stringify({ kind: 'message', id: '0'.repeat(32), body: 'x', creationTimestamp: '', lease: 'l' }),
      )
    else response.writeHead(204).end()
  })
  const worker = consumer(context, url, cheapKeys())
  assert.equal((await worker.ended).code, 0)
  assert.equal(acks, 2)
  assert.doesNotMatch(worker.output, /not counted/)
  assert.equal(fingerprintsOf(worker).length, 1)
})

test('no key is begun for an item that comes after its workload was replaced', async (context) => {
  const asked: string[] = []
  let late: ServerResponse | undefined
  const url = await serve(context, (request, response) => {
    asked.push(request.url ?? '')
    if (request.url?.includes('/first/dequeue') === true) late = response
    else response.writeHead(204).end()
  })
  const worker = await startKuard(context, ['--keygen-workers=1'], cheapKeys({ untilStuck: 0 }))
  const order = (memQQueue: string) => ({ enable: true, memQServer: url, memQQueue })
  await worker.put('/keygen', order('first'))
  const held = await eventually('the first queue to be asked', () => late)
  await worker.put('/keygen', order('second'))
  held.end(
    JSON.stringify({ kind: 'message', id: '0'.repeat(32), body: 'x', creationTimestamp: '', lease: 'l' }),
  )
  await eventually('the item to be given back', () => asked.includes('/queues/first/nack?lease=l'))
  await eventually('the only slot to be free', () => asked.includes('/queues/second/dequeue?lease=30'))
})

for (const [what, answer, reason] of [
  ['says it is broken', (_, response) => response.writeHead(500).end('out\nof order'), '500 out of order'],
  ['answers with a page', (_, response) => response.end('<html>'), 'its answer is not a message'],
  [
    'hangs up',
    (request) => request.socket.destroy(),
    '127\\.0\\.0\\.1:\\d+: the connection was closed before the answer was complete',
  ],
  [
    'never stops talking',
    (_, response) => {
      const talk = () => {
        while (response.write(Buffer.alloc(1 << 20)));
        response.once('drain', talk)
      }
      talk()
    },
    'its answer is too large',
  ],
] as const satisfies [string, RequestListener, string][]) {
  test(`a server that ${what} is told in plain words and asked again`, async (context) => {
    const worker = consumer(context, await serve(context, answer), cheapKeys())
    const line = new RegExp(`Error talking to server: ${reason}\\. Retrying after 1s\\.\n`)
    await worker.logged(new RegExp(`${line.source}[^]*${line.source}`))
    assert.equal((await worker.terminate()).code, 143)
  })
}

test('a redirect is told and not followed, and one connection is kept for many calls', async (context) => {
  let asked = 0
  const secret = await serve(context, (_request, response) => {
    asked += 1
    response.end('for nobody')
  })
  const connections = new Set<Socket>()
  const url = await serve(context, ({ socket }, response) => {
    connections.add(socket)
    response.writeHead(302, { location: `${secret}/secret` }).end()
  })
  const worker = consumer(context, url, cheapKeys())
  const line = `Error talking to server: 302, a redirect to ${secret}/secret, which is not followed. Retrying`
  await eventually('three calls', () => worker.output.split(line).length > 3)
  assert.deepEqual([asked, connections.size], [0, 1])
  assert.doesNotMatch(worker.output, /for nobody/)
})

suite('what takes as long as a lease', { concurrency: true }, () => {
  test('every item is done though one of five consumers is killed while it works', async (context) => {
    const server = await startKuard(context)
    await loadQueue(server)
    const victim = consumer(context, server.url, cheapKeys({ untilStuck: 3 }))
    await eventually('the victim to hold its fourth item', async () => {
      const { dequeued, leased } = await stats(server)
      return dequeued === 3 && leased === 1
    })
    const others = Array.from({ length: 4 }, () =>
      consumer(context, server.url, cheapKeys({ milliseconds: 50 })),
    )
    await eventually('the work to be half done', async () => (await stats(server)).dequeued >= items / 2)
    await victim.kill()
    for (const { ended } of others) assert.deepEqual(await ended, { code: 0, signal: null })
    assert.equal(new Set([victim, ...others].flatMap(fingerprintsOf)).size, items)
    assert.deepEqual(await stats(server), finished)
    assert.ok(
      others.some(({ output }) =>
        output.includes('Queue is empty, but workers still hold 1 of its items. Waiting.'),
      ),
    )
  })

  test('a lease is renewed for as long as its key takes', async (context) => {
    const server = await startKuard(context)
    await loadQueue(server, 1)
    consumer(context, server.url, cheapKeys({ untilStuck: 0 }))
    await server.logged(/\/renew\?lease=\w+ 200 [^]*\/renew\?lease=\w+ 200 /)
    assert.equal((await stats(server)).leased, 1)
  })
})
