/** Which requests find a route, and what all answers share. */
import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { startKuard, type Answer } from '../support/kuard.ts'
import { prefixes } from '../support/prefixes.ts'
import { sendRaw } from '../support/socket.ts'

/** One request that each row of the contract answers with 2xx, in an order in which they all do. */
const contract: readonly (readonly [method: string, path: string, body?: string])[] = [
  ['GET', '/'],
  ['GET', '/-/env'],
  ['GET', '/healthy'],
  ['GET', '/ready'],
  ['GET', '/healthy/api'],
  ['GET', '/ready/api'],
  ['PUT', '/healthy/api', '{"failNext":0}'],
  ['PUT', '/ready/api', '{}'],
  ['GET', '/env/api'],
  ['GET', '/mem/api'],
  ['POST', '/mem/api/alloc?size=1000'],
  ['POST', '/mem/api/clear'],
  ['GET', '/keygen'],
  ['PUT', '/keygen', '{"enable":false}'],
  ['GET', '/memq/server/stats'],
  ['PUT', '/memq/server/queues/q'],
  ['POST', '/memq/server/queues/q/enqueue', 'item'],
  ['POST', '/memq/server/queues/q/dequeue'],
  ['POST', '/memq/server/queues/q/drain'],
  ['DELETE', '/memq/server/queues/q'],
  ['GET', '/fs/proc/'],
  ['GET', '/fs/proc/version'],
  ['GET', '/manifests/'],
  ['GET', '/manifests/05-pods/kuard-pod.yaml'],
  ['GET', '/metrics'],
  ['GET', '/request/api'],
  ['GET', '/openapi.json'],
]

/** The routes of the contract that answer JSON. */
const jsonPath = /\/(api|keygen|stats|enqueue)$/

function assertNamed(answer: Answer, what: string): void {
  assert.equal(answer.headers['x-served-by'], hostname(), what)
  assert.match(String(answer.headers['x-served-version']), /^\d+\.\d+\.\d+-blue$/, what)
}

for (const prefix of prefixes) {
  test(`every route of the contract answers under ${prefix || 'the root'}, HEAD wherever GET does`, async (context) => {
    const kuard = await startKuard(context)
    for (const [method, path, body] of contract) {
      const what = `${method} ${prefix}${path}`
      const answer = await kuard.ask(method, prefix + path, body === undefined ? {} : { body })
      assert.equal(answer.status, 200, what)
      assertNamed(answer, what)
      if (method === 'GET') {
        const head = await kuard.ask('HEAD', prefix + path)
        assert.deepEqual([head.status, head.text], [200, ''], what)
        assert.equal(head.headers['content-type'], answer.headers['content-type'], what)
        assertNamed(head, what)
      }
      if (jsonPath.test(path) && method !== 'POST') {
        const { 'content-type': type, 'cache-control': cache, pragma, expires } = answer.headers
        assert.match(String(type), /^application\/json/, what)
        assert.deepEqual([cache, pragma], ['no-cache, private, max-age=0', 'no-cache'], what)
        assert.ok(Date.parse(String(expires)) < Date.now(), what)
      }
    }
    const lookup = await kuard.post(`${prefix}/dns/api`, '{"type":"ZZ","name":"x"}')
    assert.deepEqual([lookup.status, lookup.text.trim()], [400, 'Unknown DNS type: ZZ'])
  })
}

test('an unknown path is a 404 in words, and so is a prefix below a prefix', async (context) => {
  const kuard = await startKuard(context)
  for (const path of [
    '/nothing',
    '/a/nothing',
    '/a/b/healthy',
    '/a/a/',
    '/d/healthy',
    '/healthy/api/x',
    '/memq/server/queues',
    '/memq/server/queues/q/x',
    '/..%2fhealthy',
    '/__proto__',
    '/constructor',
  ]) {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await kuard.ask(method, path)
      assert.deepEqual([answer.status, answer.text], [404, '404 page not found\n'], `${method} ${path}`)
      assert.match(String(answer.headers['content-type']), /^text\/plain/)
      assertNamed(answer, path)
    }
  }
})

test('a path that differs by slashes, dots or case leads to the one that was meant, as the original’s router has it', async (context) => {
  const kuard = await startKuard(context)
  for (const [path, meant] of [
    ['//healthy', '/healthy'],
    ['/healthy/', '/healthy'],
    ['/Healthy', '/healthy'],
    ['/metrics/', '/metrics'],
    ['/metrics/?x=/y', '/metrics?x=/y'],
    ['/a//READY/api/', '/a/ready/api'],
    ['/A/env/api', '/a/env/api'],
    ['/./x/../healthy/api', '/healthy/api'],
    ['//', '/'],
    ['/b', '/b/'],
    ['/C', '/c/'],
    ['/fs', '/fs/'],
    ['/a/fs', '/a/fs/'],
    ['//FS/etc/passwd', '/fs/etc/passwd'],
    ['//fs/etc/', '/fs/etc/'],
    ['/-', '/-/'],
    ['/manifests', '/manifests/'],
    ['/memq/server/stats/', '/memq/server/stats'],
    ['/Assets/x.js', '/assets/x.js'],
  ] as const) {
    for (const method of ['GET', 'HEAD']) {
      const { status, headers } = await kuard.ask(method, path)
      assert.equal(status, 301, `${method} ${path}`)
      // Relative, since a proxy may have taken off a part of the path.
      assert.match(String(headers.location), /^\.\.?\//)
      const { pathname, search } = new URL(String(headers.location), `http://x${path}`)
      assert.equal(pathname + search, meant, path)
    }
    assert.equal((await kuard.post(path)).status, 404, path)
  }
  for (const [method, path, meant] of [
    ['PUT', '/healthy/api/', '/healthy/api'],
    ['POST', '/MemQ/server/queues/My%2FQ/enqueue/', '/memq/server/queues/My%2FQ/enqueue'],
    ['DELETE', '/memq/server/queues//Q', '/memq/server/queues/Q'],
  ] as const) {
    const { status, headers } = await kuard.ask(method, path)
    assert.deepEqual([status, new URL(String(headers.location), `http://x${path}`).pathname], [307, meant])
  }
})

test('a known path with another method is a 405 that says which are allowed', async (context) => {
  const kuard = await startKuard(context)
  const request = (method: string, path: string) =>
    sendRaw(context, kuard.port, `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  for (const [path, allow, methods] of [
    ['/healthy', 'GET, HEAD', ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE', 'QUERY']],
    ['/healthy/api', 'GET, HEAD, PUT', ['POST', 'DELETE', 'OPTIONS', 'MKCOL']],
    ['/mem/api/alloc', 'POST', ['PUT', 'PROPFIND']],
    ['/memq/server/queues/q', 'DELETE, PUT', ['POST', 'OPTIONS']],
    ['/memq/server/queues/q/dequeue', 'POST', ['PUT', 'PURGE']],
    ['/-/env', 'GET, HEAD', ['POST']],
    ['/fs/etc/', 'GET, HEAD', ['PUT', 'DELETE', 'PROPFIND']],
    ['/manifests/05-pods/kuard-pod.yaml', 'GET, HEAD', ['PUT', 'POST']],
  ] as const) {
    for (const prefix of prefixes) {
      for (const method of methods) {
        const answer = await request(method, prefix + path)
        assert.equal(answer.status, 405, `${method} ${prefix}${path}`)
        assert.match(answer.headers, new RegExp(`^allow: ${allow}\r?$`, 'm'))
        assert.equal(answer.body, `${method} is not allowed here, but ${allow}\n`)
      }
    }
  }
})

test('each failed answer names its pod, in plain text', async (context) => {
  const kuard = await startKuard(context, ['--body-limit=10'])
  for (const [status, answer] of [
    [400, await kuard.get('/%zz')],
    [400, await kuard.get('/memq/server/queues/%c3%28/x')],
    [400, await kuard.put('/healthy/api', '')],
    [403, await kuard.get('/healthy', { host: 'evil.com' })],
    [403, await kuard.ask('PUT', '/keygen', { headers: { 'sec-fetch-site': 'cross-site' } })],
    [404, await kuard.get('/fs/nothing')],
    [405, await kuard.post('/ready')],
    [413, await kuard.put('/ready/api', 'x'.repeat(10))],
    [414, await kuard.ask('PUT', `/memq/server/queues/${'q'.repeat(2000)}`)],
  ] as const) {
    assert.equal(answer.status, status)
    assertNamed(answer, answer.text)
    assert.match(String(answer.headers['content-type']), /^text\/plain/, answer.text)
    assert.match(answer.text, /^[\w ][^{]*\n$/)
  }
})
