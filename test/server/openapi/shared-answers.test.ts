/** What the document says that many routes may answer: each of them does. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Answer } from '../../support/kuard.ts'
import { startWithManifests } from '../../support/manifests.ts'
import { sendRaw } from '../../support/socket.ts'
import { assertDescribed, startDescribed, type Described } from './described.ts'

/** A request that any route refuses, as bytes; what it lacks is why. */
const refused: Record<string, (method: string, path: string) => string> = {
  BadRequest: (method, path) => `${method} ${path} HTTP/1.1\r\n\r\n`,
  Forbidden: (method, path) => `${method} ${path} HTTP/1.1\r\nHost: evil.com\r\n\r\n`,
  ContentTooLarge: (method, path) =>
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${2 ** 40}\r\n\r\n`,
  UriTooLong: (method, path) =>
    `${method} ${path.replace(/\{(?!path\})\w+\}/, 'q'.repeat(2000))} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  HeadersTooLarge: (method, path) =>
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(64 << 10)}\r\n\r\n`,
  RequestTimeout: (method, path) => `${method} ${path} HTTP/1.1\r\nHost: local`,
}

/** The only one that no request can bring about by itself. */
const internal = 'InternalServerError'

test('every route refuses what the document says that every route refuses', async (context) => {
  const { kuard, document, routes } = await startDescribed(context, '--header-limit=16384')
  const names = Object.keys(document.components.responses)
  assert.deepEqual(names.filter((name) => name !== internal).sort(), Object.keys(refused).sort())
  await Promise.all(
    Object.entries(refused).map(([name, request]) =>
      context.test(name, async (refusalTest) => {
        const able = routes.flatMap((route) => statusesOf(route, name).map((status) => ({ route, status })))
        assert.ok(able.length > 0)
        await Promise.all(
          able.map(async ({ route: { method, path, operation }, status }) => {
            const answer = await answerTo(
              refusalTest,
              kuard.port,
              request(method, path.replace('{path}', 'x')),
            )
            assert.equal(answer.status, Number(status), `${method} ${path}: ${answer.text}`)
            assertDescribed(document, operation, answer)
          }),
        )
      }),
    ),
  )
})

test('a route that fails says no more than that', async (context) => {
  const kuard = await startWithManifests(context, { '05-pods/concepts.json': 'no chapter' })
  const { document, routes } = await startDescribed(context)
  const route = routes.find(({ name }) => name === 'GET /manifests/')
  assert.ok(route && statusesOf(route, internal).includes('500'))
  const answer = await kuard.get('/manifests/')
  assert.deepEqual([answer.status, answer.text], [500, 'internal server error\n'])
  assertDescribed(document, route.operation, answer)
})

const statusesOf = ({ shared }: Described, name: string): string[] =>
  [...shared].filter(([, response]) => response === name).map(([status]) => status)

/** Sends bytes, and reads what is answered until there is a whole answer: to some it comes before all was sent. */
async function answerTo(context: TestContext, port: number, bytes: string): Promise<Answer> {
  const { status, headers, body } = await sendRaw(context, port, bytes)
  const type = /^content-type: (.*)$/im.exec(headers)?.[1] ?? ''
  const json = () => assert.fail('a refusal is not JSON')
  return { status, headers: { 'content-type': type }, bytes: Buffer.from(body), text: body, json }
}
