/** What Reach says of certificates: good ones, and each kind of bad one. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer as createHttps, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { wholeLifetime } from '../support/at-end.ts'
import { certificate, type Pair } from '../support/certificates.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startKuard } from '../support/kuard.ts'
import { startSocketServer } from '../support/odd-server.ts'
import { reach, stepsOf } from '../support/reach.ts'

const lifetime = wholeLifetime()
const authority = certificate({ commonName: 'tests' }, undefined, true)
const folder = temporaryFolder(lifetime)
const file = join(folder, 'ca.crt')
writeFileSync(file, authority.cert)
const kuard = await startKuard(lifetime, [], { env: { NODE_EXTRA_CA_CERTS: file } })

/** Serves HTTPS on 127.0.0.1 with a certificate. @returns the port */
async function serve(context: TestContext, pair: Pair, more: ServerOptions = {}): Promise<number> {
  const server = createHttps({ ...pair, ...more }, (_request, response) => response.end('secret'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => {
    server.close()
    server.closeAllConnections()
  })
  // Every TCP listener has an AddressInfo.
  return (server.address() as AddressInfo).port
}

const local = { commonName: 'kuard', names: ['localhost'], addresses: ['127.0.0.1'] }

test('a good certificate: version, cipher, chain and names, then the answer', async (context) => {
  const port = await serve(context, certificate(local, authority))
  const report = await reach(kuard, `https://localhost:${port}/`)
  assert.deepEqual([report.end, report.answer?.status], ['reached', 200], report.words)
  const { tls } = report
  assert.deepEqual(
    [tls?.trusted, tls?.problem, tls?.protocol, tls?.alpn],
    [true, null, 'TLSv1.3', 'http/1.1'],
  )
  assert.match(tls?.cipher ?? '', /^TLS_/)
  const [leaf] = tls?.chain ?? []
  assert.deepEqual(
    [leaf?.subject, leaf?.issuer, leaf?.names],
    ['CN=kuard', 'CN=tests', ['localhost', '127.0.0.1']],
  )
  assert.equal(tls?.chain.length, 1, 'the server sends no more')
  assert.ok(Date.parse(leaf?.notBefore ?? '') < Date.now() && Date.now() < Date.parse(leaf?.notAfter ?? ''))
  const byAddress = await reach(kuard, `tls://127.0.0.1:${port}`)
  assert.equal(byAddress.end, 'reached')
  assert.match(byAddress.steps[1]?.of ?? '', /without a server name/)
})

for (const [what, pair, problem] of [
  ['self-signed', () => certificate(local), /it is self-signed/],
  ['expired', () => certificate({ ...local, days: [-3, -1] }, authority), /it has expired/],
  ['not valid yet', () => certificate({ ...local, days: [1, 3] }, authority), /not valid yet/],
  [
    'for another name',
    () => certificate({ commonName: 'x', names: ['other.test'] }, authority),
    /it is for other\.test, not for localhost/,
  ],
  [
    'of an authority that nobody knows',
    () => certificate(local, certificate({ commonName: 'unknown' }, undefined, true)),
    /its authority is not trusted here/,
  ],
] as const) {
  test(`a certificate that is ${what} ends it, and nothing is asked`, async (context) => {
    const port = await serve(context, pair())
    const report = await reach(kuard, `https://localhost:${port}/`)
    assert.deepEqual([report.reached, report.end, report.answer], [false, 'tls', null])
    assert.match(report.tls?.problem ?? '', problem)
    assert.match(report.words, problem)
    assert.equal(report.tls?.trusted, false)
    assert.ok((report.tls.chain[0]?.subject ?? '') !== '')
    assert.deepEqual(stepsOf(report).slice(1), ['connect done', 'tls failed'])
    assert.ok(report.hints.length > 0)
  })
}

test('a port without TLS, and one with no common version', async (context) => {
  const plain = await reach(kuard, `https://127.0.0.1:${kuard.port}/`)
  assert.equal(plain.end, 'tls')
  assert.match(plain.words, /does not speak TLS/)
  assert.match(plain.hints.join(), /http:\/\/ instead/)
  const old = await serve(context, certificate(local, authority), {
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  })
  assert.equal((await reach(kuard, `https://localhost:${old}/`)).end, 'tls')
})

test('a handshake that is never answered, and one that is cut off', async (context) => {
  const silent = await startSocketServer(context, () => undefined)
  const report = await reach(kuard, `https://127.0.0.1:${silent.port}/`, 700)
  assert.equal(report.end, 'timed out')
  assert.match(report.words, /no answer within 0\.7 s \(in the TLS handshake\)/)
  const cutting = await startSocketServer(context, (socket) => socket.once('data', () => socket.destroy()))
  assert.equal((await reach(kuard, `https://127.0.0.1:${cutting.port}/`)).end, 'cut off')
})
