/** JSON's headers, the page, the environment and request details: the contract's rows that no other test holds. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import type { IncomingHttpHeaders } from 'node:http'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { ServerEnv } from '../../server/features/env/wire.ts'
import { RequestDetails } from '../../server/features/request/wire.ts'
import { readEvents } from '../support/event-stream.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { serviceAccount, startInPod } from '../support/pod.ts'
import { prefixes } from '../support/prefixes.ts'
import { sendRaw } from '../support/socket.ts'

test('every JSON answer is plain JSON that no cache may keep, under every prefix', async (context) => {
  const kuard = await startKuard(context)
  const paths = ['/healthy/api', '/ready/api', '/env/api', '/mem/api', '/keygen', '/memq/server/stats']
  for (const path of [
    ...paths,
    '/request/api',
    '/openapi.json',
    '/fs/etc/',
    '/fs/etc/passwd',
    '/manifests/',
  ]) {
    for (const prefix of prefixes) {
      const { status, headers, text } = await kuard.get(`${prefix}${path}`, { accept: 'application/json' })
      // As Go's encoder ends it: in a shell's loop each answer is a line.
      assert.match(text, /}\n$/, `${prefix}${path}`)
      assert.deepEqual(
        [status, headers['content-type'], headers['cache-control'], headers.pragma],
        [200, 'application/json', 'no-cache, private, max-age=0', 'no-cache'],
        `${prefix}${path}`,
      )
      assert.ok(Date.parse(String(headers.expires)) < Date.now(), `${prefix}${path}`)
    }
  }
})

test('every answer names its pod, is what its type says, and can’t be embedded by a page of another site', async (context) => {
  const kuard = await startKuard(context)
  const asset = /assets\/[^"]+/.exec((await kuard.get('/')).text)?.[0]
  for (const path of [
    '/',
    '/healthy',
    '/env/api',
    '/metrics',
    '/openapi.json',
    '/manifests/05-pods/kuard-pod.yaml',
    `/${String(asset)}`,
    '/assets/nope',
    '/fs/etc/',
    '/fs/etc/passwd',
    '/fs/nope',
    '/nope',
    '/%zz',
    '/a',
  ]) {
    assertShared((await kuard.get(path)).headers, path)
    assertShared((await kuard.post(path, 'x')).headers, path)
  }
  assertShared((await kuard.get('/', { host: 'evil.com' })).headers, 'another host')
  for (const bytes of ['nonsense\r\n\r\n', 'CONNECT localhost:22 HTTP/1.1\r\nHost: localhost:22\r\n\r\n']) {
    const { headers } = await sendRaw(context, kuard.port, bytes)
    const pairs = [...headers.matchAll(/^(\S+): (.*)\r$/gm)].map(([, name = '', value]) => [
      name.toLowerCase(),
      value,
    ])
    assertShared(Object.fromEntries(pairs) as IncomingHttpHeaders, bytes)
  }
  const { response } = await readEvents(context, kuard.port)
  assertShared(response.headers, '/events')
})

function assertShared(headers: IncomingHttpHeaders, what: string): void {
  const {
    'x-served-by': pod,
    'x-content-type-options': sniff,
    'cross-origin-resource-policy': embed,
  } = headers
  assert.deepEqual([pod, sniff, embed], [hostname(), 'nosniff', 'same-origin'], what)
}

test('a prefix without its slash leads to the page, relative to where it was asked', async (context) => {
  const kuard = await startKuard(context)
  for (const prefix of prefixes.slice(1)) {
    const { status, headers } = await kuard.get(prefix)
    assert.deepEqual([status, headers.location], [301, `.${prefix}/`])
    // No redirect leads nowhere.
    for (const below of prefixes.slice(1)) assert.equal((await kuard.get(prefix + below)).status, 404)
  }
})

test('the environment and the command line are shown, arguments that mean nothing to it too', async (context) => {
  const kuard = await startKuard(context, ['extra-value'], { env: { KUARD_TEST: 'straße = 1' } })
  for (const prefix of prefixes) {
    const { commandLine, env } = (await kuard.get(`${prefix}/env/api`)).json(ServerEnv)
    assert.equal(env.KUARD_TEST, 'straße = 1')
    assert.equal(commandLine.at(-1), 'extra-value')
    assert.deepEqual(Object.keys(env).sort(), Object.keys({ ...process.env, KUARD_TEST: '' }).sort())
  }
})

test('a request is shown as it was sent, and by whom', async (context) => {
  const kuard = await startKuard(context, [], { env: { KUARD_VERSION: '3' } })
  for (const prefix of prefixes) {
    const url = `${prefix}/request/api?q=%20`
    const details = (await kuard.get(url, { 'X-Own': 'as sent' })).json(RequestDetails)
    assert.deepEqual([details.method, details.url, details.protocol], ['GET', url, 'HTTP/1.1'])
    assert.deepEqual([details.hostname, details.colour, details.encrypted], [hostname(), 'purple', false])
    assert.match(details.clientAddress, /^127\.0\.0\.1:\d+$/)
    assert.ok(details.headers.some(([name, value]) => name === 'X-Own' && value === 'as sent'))
    assert.ok(details.dump.startsWith(`GET ${url} HTTP/1.1\r\n`))
    assert.ok(details.dump.endsWith('\r\n\r\n'))
  }
})

test('a pod’s namespace is told where Kubernetes mounts it, and is unknown elsewhere', async (context) => {
  const outside = await startKuard(context)
  assert.equal((await outside.get('/request/api')).json(RequestDetails).namespace, null)

  const told = async (kuard: Kuard) => (await kuard.get('/request/api')).json(RequestDetails).namespace
  assert.equal(await told(await startInPod(context, 'prod')), 'prod')

  // Kubernetes mounts it before the process starts, or never: no request looks for it again.
  const without = await startInPod(context)
  assert.equal(await told(without), null)
  writeFileSync(`/proc/${without.child.pid}/root${serviceAccount}/namespace`, 'late')
  assert.equal(await told(without), null)
})
