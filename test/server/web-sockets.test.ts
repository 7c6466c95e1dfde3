/** WebSockets that send back what they are sent, to real clients and to broken ones. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test, type TestContext } from 'node:test'
import { WebSocket as WsClient } from 'ws'
import { atEnd, wholeLifetime } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { hasty } from '../support/hasty.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { prefixes } from '../support/prefixes.ts'
import { RawConnection, sendRaw } from '../support/socket.ts'
import { startTlsKuard } from '../support/tls.ts'
import { closeCode, frame, handshake, opcodes, openRawWebSocket } from '../support/web-socket.ts'

const lifetime = wholeLifetime()
let shared: Promise<Kuard> | undefined
const sharedKuard = () => (shared ??= startKuard(lifetime))

/** A client of Node's own, with what it got and how it ended. */
class Client {
  readonly socket: WebSocket
  readonly messages: unknown[] = []
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>

  constructor(context: TestContext, { port }: Kuard, path = '/ws/echo') {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`)
    this.socket.binaryType = 'arraybuffer'
    this.socket.addEventListener('message', ({ data }) => this.messages.push(data))
    this.socket.addEventListener('error', () => undefined)
    this.closed = new Promise((resolve) => {
      this.socket.addEventListener('close', ({ code, reason }) => {
        resolve({ code, reason })
      })
    })
    atEnd(context, () => {
      this.socket.close()
    })
  }

  async opened(): Promise<this> {
    await eventually('the WebSocket to open', () => this.socket.readyState === WebSocket.OPEN)
    return this
  }
}

test('each message comes back, text as text and bytes as bytes, in order, under every prefix', async (context) => {
  const kuard = await sharedKuard()
  for (const prefix of prefixes) {
    const { socket, messages } = await new Client(context, kuard, `${prefix}/ws/echo`).opened()
    socket.send('grüße')
    socket.send(Uint8Array.of(0, 255, 128))
    socket.send('')
    await eventually('three messages', () => messages.length === 3)
    assert.deepEqual(messages, ['grüße', Uint8Array.of(0, 255, 128).buffer, ''])
  }
})

test('a message in many pieces, and one of the greatest size, come back whole', async (context) => {
  const kuard = await sharedKuard()
  const pieces = await openRawWebSocket(context, kuard.port)
  pieces.socket.write(frame(opcodes.text, 'one ', { final: false }))
  pieces.socket.write(frame(opcodes.ping, 'between'))
  pieces.socket.write(frame(opcodes.continuation, 'two'))
  await pieces.receives(/between[^]*one two/)
  const { socket, messages } = await new Client(context, kuard).opened()
  const large = 'x'.repeat(1 << 20)
  socket.send(large)
  await eventually('the message', () => messages.length === 1)
  assert.ok(messages[0] === large)
})

test('it works over TLS, and what shares the port goes on', async (context) => {
  const { kuard, tlsPort } = await startTlsKuard(context)
  const client = new WsClient(`wss://127.0.0.1:${tlsPort}/ws/echo`, { rejectUnauthorized: false })
  atEnd(context, () => {
    client.terminate()
  })
  await once(client, 'open')
  client.send('over TLS')
  const [message] = (await once(client, 'message')) as [Buffer]
  assert.equal(message.toString(), 'over TLS')
  assert.equal((await kuard.get('/healthy')).status, 200)
})

for (const [what, bytes, code] of [
  ['is too large', frame(opcodes.binary, Buffer.alloc((1 << 20) + 1)), 1009],
  ['is not masked', frame(opcodes.text, 'x', { masked: false }), 1002],
  ['has reserved bits', frame(opcodes.text, 'x', { reserved: 7 }), 1002],
  ['is of no kind', frame(5, 'x'), 1002],
  ['goes on with nothing', frame(opcodes.continuation, 'x'), 1002],
  ['is text that is not UTF-8', frame(opcodes.text, Buffer.of(0xff, 0xfe)), 1007],
  [
    'is in too many pieces',
    Buffer.concat([
      frame(opcodes.text, '', { final: false }),
      ...Array.from({ length: 5_000 }, () => frame(opcodes.continuation, 'x', { final: false })),
    ]),
    1008,
  ],
] as const) {
  test(`a frame that ${what} closes the WebSocket by ${code}, and nothing else`, async (context) => {
    const kuard = await sharedKuard()
    const connection = await openRawWebSocket(context, kuard.port)
    connection.socket.write(bytes)
    assert.equal(await eventually('the close', () => closeCode(connection)), code)
    connection.socket.destroy()
    assert.equal((await kuard.get('/healthy')).status, 200)
  })
}

test('what isn’t a handshake is answered as any request, in a line', async (context) => {
  const { port } = await sharedKuard()
  for (const [headers, status, words] of [
    [{ Upgrade: undefined }, 426, /Upgrade: websocket/],
    [{ Upgrade: 'h2c' }, 426, /Upgrade: websocket/],
    [{ 'Sec-WebSocket-Key': 'short' }, 400, /Sec-WebSocket-Key/],
    [{ 'Sec-WebSocket-Key': undefined }, 400, /Sec-WebSocket-Key/],
    [{ 'Sec-WebSocket-Version': '7' }, 400, /Sec-WebSocket-Version/],
    [{ 'Sec-WebSocket-Protocol': '?,' }, 400, /Sec-WebSocket-Protocol/],
  ] as const) {
    const answer = await sendRaw(context, port, handshake('/ws/echo', headers))
    assert.equal(answer.status, status)
    assert.match(answer.body, words)
    assert.match(answer.headers, /^x-served-by: /im)
    if (status === 426) assert.match(answer.headers, /^upgrade: websocket/im)
  }
})

test('another protocol, or a WebSocket elsewhere, is asked for in vain: the answer and the connection are as ever', async (context) => {
  const { port } = await sharedKuard()
  for (const upgrade of ['h2c', 'websocket', 'TLS/1.3']) {
    const connection = new RawConnection(context, port)
    connection.send(handshake('/healthy', { Upgrade: upgrade }))
    await connection.receives(/^HTTP\/1.1 200 [^]*\r\n\r\nok$/)
    connection.send('GET /status/201 HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await connection.receives(/HTTP\/1.1 201 /)
  }
})

test('one that is asked for before the answer to another request has come is refused, and the connection goes on', async (context) => {
  const { port } = await sharedKuard()
  const connection = new RawConnection(context, port)
  connection.send(`GET /delay/100ms HTTP/1.1\r\nHost: localhost\r\n\r\n${handshake('/ws/echo')}`)
  await connection.receives(/^HTTP\/1.1 200 [^]*HTTP\/1.1 426 /)
  connection.send(handshake('/ws/echo'))
  await connection.receives(/HTTP\/1.1 101 /)
})

test('a page of another site opens none, nor one that asks by a name of its own', async (context) => {
  const { port } = await sharedKuard()
  const refused = [
    { Origin: 'http://evil.test' },
    { Origin: 'null' },
    { Origin: 'http://localhost', 'Sec-Fetch-Site': 'cross-site' },
    { Origin: 'http://evil.test', Host: 'evil.test' },
  ]
  for (const headers of refused) {
    const answer = await sendRaw(context, port, handshake('/ws/echo', headers))
    assert.equal(answer.status, 403, JSON.stringify(headers))
  }
  const own = new RawConnection(context, port)
  own.send(handshake('/ws/echo', { Origin: 'http://localhost' }))
  await own.receives(/^HTTP\/1.1 101 /)
})

test('it is logged and counted when it is over, and says who answers when it begins', async (context) => {
  const kuard = await startKuard(context)
  const connection = await openRawWebSocket(context, kuard.port, '/a/ws/echo')
  assert.match(connection.received, /^x-served-by: /im)
  const metric = async (pattern: RegExp) => pattern.test((await kuard.get('/metrics')).text)
  await eventually('it to be open', () => metric(/^websockets 1$/m))
  connection.socket.write(frame(opcodes.close, Buffer.of(0x03, 0xe8)))
  await kuard.logged(/GET \/a\/ws\/echo 101 /)
  await eventually('none to be open', () => metric(/^websockets 0$/m))
  assert.ok(await metric(/^websockets_opened_total 1$/m))
  assert.ok(!(await metric(/route="\/ws\/echo"/)), 'how long it lasted says nothing')
})

test('a client that answers pings stays, and one that doesn’t is gone', async (context) => {
  const kuard = await startKuard(context, [], hasty(20_000, 100))
  const { socket, messages } = await new Client(context, kuard).opened()
  const silent = await openRawWebSocket(context, kuard.port)
  await kuard.logged(new RegExp(`:${silent.socket.localPort} GET /ws/echo 101 `))
  socket.send('still here')
  await eventually('the message', () => messages.length === 1)
})

test('a client that sends and takes nothing is read no further, and is gone with the next pings', async (context) => {
  const kuard = await startKuard(context, [], hasty(20_000, 20))
  const { socket } = await openRawWebSocket(context, kuard.port)
  socket.pause()
  const message = frame(opcodes.binary, Buffer.alloc(1 << 20))
  for (let sent = 0; sent < 100; sent += 1) socket.write(message)
  let left = 0
  await eventually('the client to be gone', () => {
    if (socket.writableLength > 0) left = socket.writableLength
    return kuard.output.includes('GET /ws/echo 101 ')
  })
  assert.ok(left > 50 << 20, `${left} bytes were left`)
})

test('256 are open at most, and one more is answered 503', async (context) => {
  const kuard = await startKuard(context)
  const open = Array.from({ length: 256 }, () => openRawWebSocket(context, kuard.port))
  const [first] = await Promise.all(open)
  const refused = await sendRaw(context, kuard.port, handshake())
  assert.deepEqual([refused.status, refused.body], [503, 'there are 256 WebSockets already\n'])
  first?.socket.destroy()
  await eventually('there to be room', async () => {
    const connection = new RawConnection(context, kuard.port)
    connection.send(handshake())
    const [head] = await connection.receives(/^HTTP\/1.1 \d+/)
    return head.endsWith('101')
  })
})

test('SIGTERM closes them by 1001 after the delay, and those who don’t close hold nothing up', async (context) => {
  const kuard = await startKuard(context)
  const client = await new Client(context, kuard).opened()
  const deaf = await openRawWebSocket(context, kuard.port)
  const started = performance.now()
  const { code } = await kuard.terminate()
  assert.equal(code, 0, kuard.output)
  assert.ok(performance.now() - started < 10_000)
  assert.deepEqual(await client.closed, { code: 1001, reason: 'this server is shutting down' })
  assert.equal(closeCode(deaf), 1001)
})

test('faults touch it before it opens, and a server that is read-only has it', async (context) => {
  const kuard = await startKuard(context, ['--fault-error-share=1', '--fault-path=/ws/'])
  const answer = await sendRaw(context, kuard.port, handshake())
  assert.equal(answer.status, 503)
  assert.match(answer.headers, /^x-fault: error=503/im)
  const readOnly = await startKuard(context, ['--read-only'])
  await openRawWebSocket(context, readOnly.port)
})
