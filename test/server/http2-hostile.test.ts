/** What clients of HTTP/2 may do that mean no good, or have gone mad: others are answered meanwhile, and nothing of it stays. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { atEnd, wholeLifetime } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { endHeaders, endStream, frame, framesIn, preface, requestHeaders, ways } from '../support/http2.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { RawConnection } from '../support/socket.ts'
import { startTlsKuard, type TlsKuard } from '../support/tls.ts'

const lifetime = wholeLifetime()
let shared: Promise<TlsKuard> | undefined
const sharedKuard = () => (shared ??= startTlsKuard(lifetime, ['--idle-timeout=2', '--header-limit=16384']))

const hello = Buffer.concat([preface, frame('SETTINGS', {})])
const get = (stream: number, path = '/healthy') =>
  frame('HEADERS', { flags: endStream | endHeaders, stream, payload: requestHeaders(path) })
const beginPost = (stream: number) =>
  frame('HEADERS', {
    flags: endHeaders,
    stream,
    payload: requestHeaders('/memq/server/queues/q/enqueue', 'POST'),
  })
const times = (count: number, make: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => make(index)))
/** Clients have streams of odd numbers. */
const nth = (index: number): number => 2 * index + 1

/** A header that is to be remembered, and its name and value again and again: 4 kB that say that they are megabytes (RFC 7541). */
const bomb = Buffer.concat([
  requestHeaders('/healthy'),
  Buffer.from([0x40, 1]),
  Buffer.from('x'),
  Buffer.from([0x7f, 0x80 | ((3_900 - 127) & 0x7f), (3_900 - 127) >> 7]),
  Buffer.alloc(3_900, 'x'),
  Buffer.alloc(4_000, 0x80 | 62),
])

/** Floods: what is sent again and again until the server ends the connection. */
const floods: Readonly<
  Record<string, { readonly first?: Buffer; readonly then: (round: number) => Buffer }>
> = {
  'requests that are taken back at once': {
    then: (round) =>
      times(200, (index) => {
        const stream = nth(round * 200 + index)
        return Buffer.concat([
          get(stream),
          frame('RST_STREAM', { stream, payload: Buffer.from([0, 0, 0, 8]) }),
        ])
      }),
  },
  'headers that never end': {
    first: frame('HEADERS', { flags: endStream, stream: 1, payload: requestHeaders('/healthy') }),
    then: () => times(100, () => frame('CONTINUATION', { stream: 1, payload: requestHeaders('/healthy') })),
  },
  'headers that never end, of nothing': {
    first: frame('HEADERS', { flags: endStream, stream: 1, payload: requestHeaders('/healthy') }),
    then: () => times(1_000, () => frame('CONTINUATION', { stream: 1 })),
  },
  settings: { then: () => times(1_000, () => frame('SETTINGS', {})) },
  pings: { then: () => times(1_000, () => frame('PING', { payload: Buffer.alloc(8) })) },
}

for (const { over, urlOf, connectTo, connected } of ways) {
  /** Connects, and collects what is answered. */
  const open = async (context: TestContext) => {
    const started = await sharedKuard()
    const socket = connectTo(Number(new URL(urlOf(started)).port))
    let received = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => (received = Buffer.concat([received, chunk])))
    socket.on('error', () => undefined)
    atEnd(context, () => socket.destroy())
    await once(socket, connected)
    return { socket, frames: () => framesIn(received), kuard: started.kuard }
  }

  test(`a preface is taken in pieces, and what is behind it, by ${over}`, async (context) => {
    const { socket, frames } = await open(context)
    socket.setNoDelay()
    for (const byte of Buffer.concat([hello, get(1)])) {
      socket.write(Buffer.of(byte))
      await sleep(1)
    }
    await eventually('the answer', () => frames().includes('HEADERS'))
  })

  test(`no frames behind a preface end the connection, and silence does after --idle-timeout, by ${over}`, async (context) => {
    for (const rest of ['GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', '\0'.repeat(1_000), '']) {
      const { socket, frames } = await open(context)
      socket.write(Buffer.concat([preface, Buffer.from(rest)]))
      await eventually('the connection to end', () => socket.destroyed)
      assert.ok(frames().includes('GOAWAY'), JSON.stringify(rest))
    }
  })

  for (const [what, { first = Buffer.alloc(0), then }] of Object.entries(floods))
    test(`a flood of ${what} ends its connection, and no other is kept waiting, by ${over}`, async (context) => {
      const { socket, kuard } = await open(context)
      socket.write(Buffer.concat([hello, first]))
      await whileOthersAreAnswered(kuard, () => flood(socket, then))
    })

  test(`headers that unfold to megabytes are refused, each request for itself, by ${over}`, async (context) => {
    const { socket, frames, kuard } = await open(context)
    socket.write(hello)
    await whileOthersAreAnswered(kuard, async () => {
      for (let index = 0; index < 50; index += 1)
        socket.write(frame('HEADERS', { flags: endStream | endHeaders, stream: nth(index), payload: bomb }))
      await eventually('refusals', () => frames().filter((type) => type === 'RST_STREAM').length >= 49)
    })
  })

  test(`more requests at once than are allowed are refused, and answers that are not taken hold nobody up, by ${over}`, async (context) => {
    const { socket, frames, kuard } = await open(context)
    const noWindow = frame('SETTINGS', { payload: Buffer.from([0, 4, 0, 0, 0, 0]) })
    socket.write(Buffer.concat([preface, noWindow, times(200, (index) => get(nth(index), '/'))]))
    await whileOthersAreAnswered(kuard, async () => {
      await eventually('answers', () => frames().filter((type) => type === 'HEADERS').length === 200)
      socket.write(times(1_000, (index) => beginPost(nth(200 + index))))
      await eventually('refusals', () => frames().filter((type) => type === 'RST_STREAM').length >= 900)
    })
  })

  test(`clients that vanish in the middle leave nothing behind, by ${over}`, async (context) => {
    const { kuard } = await sharedKuard()
    const before = openFiles(kuard)
    await whileOthersAreAnswered(kuard, async () => {
      for (let round = 0; round < 100; round += 1) {
        const { socket } = await open(context)
        socket.write(Buffer.concat([hello, get(1, '/events?topics=readiness'), beginPost(3)]))
        if (round % 2 === 0) await once(socket, 'data')
        socket.destroy()
      }
    })
    await eventually('their connections to be gone', () => openFiles(kuard) <= before)
    assert.equal(kuard.errors, '')
  })
}

test('a preface behind a request is no beginning: it is refused, and the request before it answered', async (context) => {
  const { kuard } = await sharedKuard()
  const connection = new RawConnection(context, kuard.port)
  connection.send('GET /healthy HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await connection.receives(/\r\n\r\nok/)
  connection.send(hello.toString('latin1'))
  await connection.receives(/ok.*HTTP\/1.1 400 /s)
})

test('on SIGTERM clients that neither send nor take anything hold the process no longer than --shutdown-timeout', async (context) => {
  const kuard = await startKuard(context, ['--shutdown-timeout=1'])
  const { connectTo, connected } = ways[1]
  const socket = connectTo(kuard.port)
  socket.on('error', () => undefined)
  await once(socket, connected)
  const noWindow = frame('SETTINGS', { payload: Buffer.from([0, 4, 0, 0, 0, 0]) })
  socket.write(Buffer.concat([preface, noWindow, get(1, '/'), beginPost(3), get(5, '/delay/3')]))
  await once(socket, 'data')
  assert.deepEqual(await kuard.terminate(), { code: 0, signal: null })
})

/** Sends until the connection is ended. */
async function flood(socket: Socket, then: (round: number) => Buffer): Promise<void> {
  const ended = new Promise((resolve) => socket.once('close', resolve))
  for (let round = 0; !socket.destroyed && round < 100; round += 1)
    if (!socket.write(then(round)))
      await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), ended])
  await ended
}

/** Asks probes, one after the other, until something is done; none may take seconds. */
async function whileOthersAreAnswered(kuard: Kuard, act: () => Promise<void>): Promise<void> {
  const progress = { isDone: false }
  const done = act().finally(() => (progress.isDone = true))
  let slowest = 0
  do {
    const began = performance.now()
    assert.equal((await kuard.get('/healthy')).status, 200)
    slowest = Math.max(slowest, performance.now() - began)
  } while (!progress.isDone)
  await done
  assert.ok(slowest < 5_000, `a probe took ${slowest} ms`)
}

/** How many files and connections a process has open. */
const openFiles = ({ child }: Kuard): number => readdirSync(`/proc/${child.pid ?? 0}/fd`).length
