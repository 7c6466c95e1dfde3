/** How Traffic reads answers: each framing of HTTP/1.1, in pieces of any size, and what is none. */
import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { wholeLifetime } from '../support/at-end.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard } from '../support/kuard.ts'
import { startSocketServer } from '../support/odd-server.ts'
import { send } from '../support/traffic.ts'

const lifetime = wholeLifetime()
const kuard = await startKuard(lifetime)

interface Served {
  readonly answer: string
  readonly method?: string
  /** Whether the server closes the connection when it has answered. */
  readonly ends?: boolean
  /** In how many pieces the answer comes. */
  readonly pieces?: number
}

/** Sends three requests on kept connections to a server that answers each so. */
async function asked(context: TestContext, { answer, method = 'GET', ends = false, pieces = 1 }: Served) {
  let connections = 0
  const answerAll = async (socket: Socket) => {
    const size = Math.ceil(answer.length / pieces)
    for (let from = 0; from < answer.length; from += size) {
      socket.write(answer.slice(from, from + size), 'latin1')
      if (pieces > 1) await sleep(1)
    }
    if (ends) socket.end()
  }
  const server = await startSocketServer(context, (socket) => {
    connections += 1
    socket.setNoDelay(true).on('data', () => void answerAll(socket))
  })
  const { progress, counted, failures } = await send(kuard, {
    url: server.url,
    method,
    connections: 'kept',
    concurrency: 1,
    rate: 50,
    numToSend: 3,
    timeoutMs: 2000,
    count: 'body',
  })
  const [failure] = failures
  return { connections, answered: progress.answered, counted, failure: failure?.words }
}

const said = (value: string) => [{ value, count: 3 }]
const ok = 'HTTP/1.1 200 OK\r\n'
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n3;name=value\r\nhal\r\n2\r\nlo\r\n0\r\nDigest: x\r\n\r\n`

test('a body of a length, of chunks or without, ends by itself, and the connection is kept', async (context) => {
  const bodies = [
    [{ answer: `${ok}Content-Length: 5\r\n\r\nhallo` }, 'hallo'],
    [{ answer: `${ok}content-length:5\r\nContent-Length: 5\r\n\r\nhallo` }, 'hallo'],
    [{ answer: `${ok}Content-Length: 0\r\n\r\n` }, ''],
    [{ answer: chunked }, 'hallo'],
    [{ answer: `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${chunked}` }, 'hallo'],
    [{ answer: 'HTTP/1.1 204\r\nContent-Length: 5\r\n\r\n' }, ''],
    [{ answer: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n' }, ''],
    [{ answer: `${ok}Content-Length: 5\r\n\r\n`, method: 'HEAD' }, ''],
    [{ answer: 'HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhallo' }, 'hallo'],
  ] as const
  for (const [served, body] of bodies)
    for (const pieces of [1, 7, served.answer.length])
      assert.deepEqual(
        await asked(context, { ...served, pieces }),
        { connections: 1, answered: 3, counted: said(body), failure: undefined },
        `${served.answer} in ${pieces} pieces`,
      )
})

test('a connection that is to be closed, or has more than was asked for, is not used again', async (context) => {
  const answers = [
    { answer: `${ok}Connection: close\r\nContent-Length: 5\r\n\r\nhallo` },
    { answer: `${ok}\r\nhallo`, ends: true },
    { answer: 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhallo' },
    { answer: `${ok}Content-Length: 5\r\n\r\nhallo${ok}` },
  ]
  for (const served of answers)
    assert.deepEqual(
      await asked(context, served),
      { connections: 3, answered: 3, counted: said('hallo'), failure: undefined },
      served.answer,
    )
})

test('what is no HTTP, and a head that is too long, are failures', async (context) => {
  const noHttp = 'it does not speak HTTP'
  const answers = [
    ['HTTP/2.0 200 OK\r\n\r\n', noHttp],
    ['HTTP/1.1 two hundred\r\n\r\n', noHttp],
    [`${ok}no colon\r\n\r\n`, noHttp],
    [`${ok}Content-Length: 5, 6\r\n\r\nhallo`, noHttp],
    [`${ok}Transfer-Encoding: chunked\r\n\r\nx\r\n`, noHttp],
    [`${ok}Transfer-Encoding: chunked\r\n\r\n1\r\nhallo`, noHttp],
    [`${ok}X: ${'x'.repeat(20_000)}`, "its answer's headers are too large"],
  ] as const
  for (const [answer, words] of answers) {
    const { answered, failure } = await asked(context, { answer })
    assert.deepEqual([answered, failure], [0, words], answer.slice(0, 100))
  }
})

test('the server closes a connection first, so that its address is not kept here; one that it leaves open is closed soon', async (context) => {
  const endedFirst: ('server' | 'Traffic')[] = []
  let open = 0
  let connections = 0
  const server = await startSocketServer(context, (socket) => {
    const leavesOpen = connections > 0
    connections += 1
    open += 1
    const ended = (by: 'server' | 'Traffic') => {
      if (!socket.writableEnded) endedFirst.push(by)
    }
    socket.on('close', () => (open -= 1))
    socket.on('end', () => {
      ended('Traffic')
    })
    socket.on('data', () => {
      socket.write(`${ok}Connection: close\r\nContent-Length: 2\r\n\r\nok`)
      if (leavesOpen) return
      setTimeout(() => {
        ended('server')
        socket.end()
      }, 100)
    })
  })
  const { progress } = await send(kuard, { url: server.url, rate: 1, numToSend: 3 })
  assert.equal(progress.answered, 3)
  await eventually('all to be closed', () => open === 0)
  assert.deepEqual(endedFirst, ['server', 'Traffic', 'Traffic'])
})
