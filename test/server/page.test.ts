/** The UI's page and what it loads, as HTTP answers. What the page does is tested in a browser. */
import assert from 'node:assert/strict'
import { gunzipSync } from 'node:zlib'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { Identity } from '../../server/identity/wire.ts'
import { parseFrameSource } from '../../server/text/frame-source.ts'
import { runKuard, startKuard, type Kuard } from '../support/kuard.ts'
import { prefixes } from '../support/prefixes.ts'

/** What a browser prefers when its reader goes somewhere. */
const navigation = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

/** The addresses of the page's scripts, styles and icon, resolved as a browser does. */
async function assetsOf(kuard: Kuard, path: string): Promise<string[]> {
  const { text } = await kuard.get(path, navigation)
  const base = new URL(/<base href="([^"]*)"/.exec(text)?.[1] ?? '', kuard.url + path)
  const addresses = [...text.matchAll(/<(?:script|link)[^>]* (?:src|href)="([^"]*)"/g)].map(
    ([, href = '']) => href,
  )
  return addresses.map((href) => new URL(href, base).pathname)
}

test('the page is the same wherever it is served, and loads from its own prefix', async (context) => {
  const kuard = await startKuard(context, [], { env: { KUARD_VERSION: 'green' } })
  for (const path of ['/', '/-/mem', '/-/some/deep/path?x=/y', '/fs/', '/fs/etc//', '/manifests/']) {
    for (const prefix of prefixes) {
      const { status, headers, text } = await kuard.get(prefix + path, navigation)
      assert.equal(status, 200)
      assert.match(String(headers['content-type']), /^text\/html/)
      assert.match(text, /WARNING: This server may expose sensitive and secret information\. Be careful\./)
      assert.ok(text.includes(`<title>kuard on ${hostname()}`) && text.includes('data-colour="green"'))
      const assets = await assetsOf(kuard, prefix + path)
      assert.ok(
        assets.length >= 3 && assets.every((asset) => asset.startsWith(`${prefix}/assets/`)),
        String(assets),
      )
      for (const asset of assets) assert.equal((await kuard.get(asset)).status, 200, asset)
    }
  }
})

test('the page may load nothing but what this server has, run nothing inline but one script, and be framed by nobody', async (context) => {
  const kuard = await startKuard(context)
  for (const path of ['/', '/fs/']) {
    const { headers } = await kuard.get(path, navigation)
    const policy = String(headers['content-security-policy'])
    assert.match(policy, /^default-src 'none'; script-src 'self' 'sha256-[^']+'; style-src 'self'; /)
    assert.match(policy, /frame-ancestors 'none'/)
    assert.doesNotMatch(policy, /unsafe|https?:|data:|\*/)
  }
})

test('--frame-ancestors names the sites that may show the page in a frame', async (context) => {
  const kuard = await startKuard(context, ['--frame-ancestors=self,https://*.example.com:8443'])
  const policy = String((await kuard.get('/')).headers['content-security-policy'])
  assert.match(policy, /; frame-ancestors 'self' https:\/\/\*\.example\.com:8443$/)
  for (const source of ["x; script-src 'unsafe-inline'", 'http://x/y', 'ftp://x', "'unsafe-inline'", 'a b'])
    assert.equal(parseFrameSource(source), undefined, source)
  const { code, errors } = await runKuard(context, ['--frame-ancestors=x;y'])
  assert.equal(code, 2)
  assert.match(errors, /--frame-ancestors/)
})

test('who reads the page by curl finds the original’s words, the version, the host name and its addresses', async (context) => {
  const kuard = await startKuard(context, [], { env: { KUARD_VERSION: 'purple' } })
  const { text } = await kuard.get('/a/')
  const { hostname: name, addresses, version } = (await kuard.get('/request/api')).json(Identity)
  for (const words of ['KUAR Demo', name, version, ...addresses]) assert.ok(text.includes(words), words)
})

test('what the page loads is kept for good, and is gzipped for those who take that', async (context) => {
  const kuard = await startKuard(context)
  for (const path of await assetsOf(kuard, '/')) {
    const plain = await kuard.get(path, { 'accept-encoding': 'gzip;q=0, identity' })
    const zipped = await kuard.get(path, { 'accept-encoding': 'br, gzip' })
    assert.deepEqual(gunzipSync(zipped.bytes), plain.bytes)
    assert.deepEqual(
      [zipped.headers['content-encoding'], plain.headers['content-encoding']],
      ['gzip', undefined],
    )
    const shared = [
      'x-served-by',
      'x-served-version',
      'x-content-type-options',
      'cross-origin-resource-policy',
    ]
    for (const name of shared) assert.ok(plain.headers[name], name)
    const head = await kuard.ask('HEAD', `/b${path}`)
    assert.deepEqual([head.status, head.headers['content-length']], [200, plain.headers['content-length']])
    const known = await kuard.get(path, { 'if-none-match': String(plain.headers.etag) })
    assert.deepEqual([known.status, known.text], [304, ''])
    assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable')
    assert.match(
      String(plain.headers['content-type']),
      /^((text|application)\/javascript|text\/css|image\/svg\+xml)/,
    )
  }
})

test('what another build’s page would load is a 404 in words, and nothing beside the assets can be reached', async (context) => {
  const kuard = await startKuard(context)
  const [asset = ''] = await assetsOf(kuard, '/')
  const names = [
    'index-00000000.js',
    '..%2findex.html',
    '..%2f..%2fserver.cjs',
    '../index.html',
    '%00',
    '',
    '.',
    'a/b',
  ]
  for (const name of [...names, 'constructor', `${asset.slice('/assets/'.length)}.gz`]) {
    const answer = await kuard.get(`/assets/${name}`)
    assert.equal(answer.status, 404, name)
    assert.match(answer.text, /another build/)
  }
})

test('a folder is a page for a browser and a plain listing for everyone else', async (context) => {
  const kuard = await startKuard(context)
  assert.match((await kuard.get('/fs/etc/', navigation)).text, /<div id="app">/)
  assert.match((await kuard.get('/fs/etc/')).text, /<a href="passwd">passwd<\/a>/)
  assert.match((await kuard.get('/fs/etc/', { accept: '*/*' })).text, /<a href="passwd">passwd<\/a>/)
  assert.match((await kuard.get('/fs/etc/passwd', navigation)).text, /^root:/)
})

test('without the page, a browser gets the plain listing', async (context) => {
  const kuard = await startKuard(context, ['--disable=page'])
  assert.match((await kuard.get('/fs/etc/', navigation)).text, /<a href="passwd">passwd<\/a>/)
  for (const path of ['/', '/-/env']) assert.equal((await kuard.get(path, navigation)).status, 404)
})
