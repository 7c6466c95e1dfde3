/** The rows of the contract that belong to no feature alone, and those features that have one row only. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { ServerEnv } from '../../server/features/env/wire.ts'
import { RequestDetails } from '../../server/features/request/wire.ts'
import { startKuard } from '../support/kuard.ts'
import { prefixes } from '../support/prefixes.ts'

test('every JSON answer is plain JSON that no cache may keep, under every prefix', async (context) => {
  const kuard = await startKuard(context)
  const paths = ['/healthy/api', '/ready/api', '/env/api', '/mem/api', '/keygen', '/memq/server/stats']
  for (const path of [...paths, '/request/api', '/openapi.json', '/fs/etc/', '/fs/etc/passwd']) {
    for (const prefix of prefixes) {
      const { status, headers } = await kuard.get(`${prefix}${path}`, { accept: 'application/json' })
      assert.deepEqual(
        [status, headers['content-type'], headers['cache-control'], headers.pragma],
        [200, 'application/json', 'no-cache, private, max-age=0', 'no-cache'],
        `${prefix}${path}`,
      )
      assert.ok(Date.parse(String(headers.expires)) < Date.now(), `${prefix}${path}`)
    }
  }
})

test('HEAD is answered as GET is, without the body', async (context) => {
  const kuard = await startKuard(context)
  for (const path of [
    '/',
    '/-/env',
    '/healthy',
    '/ready/api',
    '/env/api',
    '/mem/api',
    '/keygen',
    '/metrics',
  ]) {
    const head = await kuard.ask('HEAD', path)
    const { status, headers } = await kuard.get(path)
    assert.deepEqual([head.status, head.text], [status, ''], path)
    assert.equal(head.headers['content-type'], headers['content-type'], path)
  }
})

test('an unknown path is not found, in the words of kuard', async (context) => {
  const kuard = await startKuard(context)
  for (const path of [
    '/nope',
    '/a/nope',
    '/aa',
    '/d/healthy',
    '/a/b/healthy',
    '//healthy',
    '/healthy/',
    '/__proto__',
  ]) {
    const { status, headers, text } = await kuard.get(path)
    assert.deepEqual([status, text.trimEnd()], [404, '404 page not found'], path)
    assert.match(String(headers['content-type']), /^text\/plain/)
  }
})

test('a known path tells which methods it has, to one that it has not', async (context) => {
  const kuard = await startKuard(context)
  const allowed: Record<string, string> = {
    '/': 'GET, HEAD',
    '/healthy': 'GET, HEAD',
    '/ready/api': 'GET, HEAD, PUT',
    '/mem/api/alloc': 'POST',
    '/dns/api': 'POST',
    '/memq/server/queues/work': 'DELETE, PUT',
    '/memq/server/queues/work/drain': 'POST',
    '/fs/etc/passwd': 'GET, HEAD',
  }
  for (const [path, allow] of Object.entries(allowed)) {
    for (const prefix of prefixes) {
      const { status, headers } = await kuard.ask('PATCH', `${prefix}${path}`)
      assert.deepEqual([status, headers.allow], [405, allow], `${prefix}${path}`)
    }
  }
})

test('every answer names its pod', async (context) => {
  const kuard = await startKuard(context)
  for (const path of ['/', '/healthy', '/env/api', '/metrics', '/nope', '/fs/etc/passwd', '/fs/nope', '/a']) {
    assert.equal((await kuard.get(path)).headers['x-served-by'], hostname(), path)
  }
})

test('the page shows who answers, warns, and leads to its parts wherever it is served', async (context) => {
  const kuard = await startKuard(context, ['--disable=env'], { env: { KUARD_VERSION: 'green' } })
  for (const path of ['/', '/-/mem', '/-/some/deep/path?x=/y']) {
    for (const prefix of prefixes) {
      const { status, headers, text } = await kuard.get(`${prefix}${path}`)
      assert.equal(status, 200)
      assert.match(String(headers['content-type']), /^text\/html/)
      assert.match(text, /WARNING: This server may expose sensitive and secret information\. Be careful\./)
      assert.ok(text.includes(hostname()) && text.includes('-green'))
      const links = [...text.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href)
      const page = `${kuard.url}${prefix}${path}`
      const reached = links.map((href) => new URL(href, page).pathname)
      assert.ok(reached.includes(`${prefix}/mem/api`), `${page} leads to ${reached.join(', ')}`)
      assert.ok(!reached.includes(`${prefix}/env/api`), 'a feature that is off is not shown')
    }
  }
})

test('a prefix without its slash leads to the page, relative to where it was asked', async (context) => {
  const kuard = await startKuard(context)
  for (const prefix of prefixes.slice(1)) {
    const { status, headers } = await kuard.get(prefix)
    assert.deepEqual([status, headers.location], [301, `.${prefix}/`])
  }
})

test('the environment and the command line are shown, arguments that mean nothing to it too', async (context) => {
  const kuard = await startKuard(context, ['extra-value'], { env: { KUARD_TEST: 'straße = 1' } })
  for (const prefix of prefixes) {
    const { commandLine, env } = (await kuard.get(`${prefix}/env/api`)).json(ServerEnv)
    assert.equal(env.KUARD_TEST, 'straße = 1')
    assert.equal(commandLine.at(-1), 'extra-value')
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

test('metrics pass promtool, and no client adds a label to them', async (context) => {
  const kuard = await startKuard(context)
  for (const path of ['/a/healthy', '/nope', '/nope/2', '/fs/etc/passwd', '/memq/server/queues/x']) {
    await kuard.get(path)
    await kuard.ask('PROPFIND', path)
  }
  const { headers, text } = await kuard.get('/b/metrics')
  assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/)
  const routes = new Set(
    [...text.matchAll(/request_duration_seconds_count\{.*?route="([^"]*)"/g)].map(([, route]) => route),
  )
  assert.deepEqual([...routes].sort(), ['/fs/*', '/healthy', 'unknown'])
  assert.match(text, /request_duration_seconds_count\{method="GET",route="\/healthy",status_code="200"\} 1/)
  assert.match(text, /^liveness_probes_total\{outcome="ok"\} 1$/m)
  const promtool = promisify(execFile)('promtool', ['check', 'metrics'])
  promtool.child.stdin?.end(text)
  const { stdout, stderr } = await promtool
  assert.equal(`${stdout}${stderr}`, '')
})
