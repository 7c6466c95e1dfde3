/** Clients that take nothing of an answer, and clients that take it slowly. */
import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Readable } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Exchange } from '../../server/features/faults/requests/exchange.ts'
import { delayingBy } from '../../server/features/faults/requests/delay.ts'
import { Held } from '../../server/features/faults/requests/held.ts'
import { HttpListener } from '../../server/listeners/http.ts'
import type { Handler } from '../../server/listeners/limits.ts'
import { Unreadable } from '../../server/listeners/unreadable.ts'
import { eventually } from '../support/eventually.ts'

const patienceMs = 1_000

/** Asks for an answer that never ends, and takes none of it. */
async function askForever(context: TestContext): Promise<{ client: Socket; response: ServerResponse }> {
  const { promise, resolve } = Promise.withResolvers<ServerResponse>()
  const chunk = Buffer.alloc(64 * 1024)
  const client = await askServer(context, (_request, response) => {
    Readable.from(Iterator.from({ next: () => ({ done: false, value: chunk }) })).pipe(response)
    resolve(response)
  })
  client.pause()
  return { client, response: await promise }
}

/** Asks a server that leaves who stands still for so long. */
async function askServer(context: TestContext, handler: Handler): Promise<Socket> {
  const listener = new HttpListener(
    handler,
    new Unreadable({ pod: 'pod', version: '1.0.0-blue' }, { debug: () => undefined }),
    { headerLimit: 16_384, idleTimeout: 60 },
    createServer(),
    patienceMs,
  )
  const client = connect(await listener.listen('127.0.0.1:0'), '127.0.0.1')
  client.on('error', () => undefined)
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  context.after(async () => {
    client.destroy()
    await listener.close()
  })
  return client
}

test('a client that takes nothing is left, and what was sent to it let go', async (context) => {
  const { response } = await askForever(context)
  await eventually('the answer to be over', () => response.destroyed)
})

test('a client that waits for an answer that is delayed gets it', async (context) => {
  const delay = delayingBy({ ms: 3 * patienceMs }, new Held())
  const client = await askServer(context, (request, response) => {
    void Promise.resolve(delay(new Exchange(request, response))).then(() => response.end('late'))
  })
  const received: string[] = []
  client.on('data', (bytes: Buffer) => received.push(bytes.toString()))
  await eventually('the answer', () => received.join('').includes('late'))
})

test('a client that takes an answer slowly goes on getting it', async (context) => {
  const { client, response } = await askForever(context)
  const began = performance.now()
  let taken = 0
  while (performance.now() - began < 3 * patienceMs) {
    const bytes = client.read(1024 * 1024) as Buffer | null
    taken += bytes?.length ?? 0
    await sleep(bytes ? 100 : 10)
  }
  assert.ok(!response.destroyed && taken > 0, `left after ${taken} bytes`)
})
