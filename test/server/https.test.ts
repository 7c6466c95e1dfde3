/** HTTPS, with certificates that come, change and break as those of a mounted Secret do. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { request } from 'node:https'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { connect as tlsConnect, TLSSocket } from 'node:tls'
import { generateCerts } from '../../server/cli/certs.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folder.ts'
import { Kuard, startKuard } from '../support/kuard.ts'

const files = ['kuard.crt', 'kuard.key']

/** Writes a new pair into a folder of its own. */
async function newPair(context: TestContext): Promise<string> {
  const folder = temporaryFolder(context)
  await generateCerts(folder)
  return folder
}

const copyPair = (from: string, to: string) => {
  for (const file of files) copyFileSync(join(from, file), join(to, file))
}

const fingerprintIn = (folder: string) =>
  new X509Certificate(readFileSync(join(folder, 'kuard.crt'))).fingerprint256

/** Asks over HTTPS, and shows the certificate that it was answered with. */
async function askTls(port: number, path: string, ca?: Buffer) {
  const trust = ca ? { ca } : { rejectUnauthorized: false }
  const asked = request({ host: '127.0.0.1', servername: 'localhost', port, path, agent: false, ...trust })
  asked.end()
  const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage]
  assert.ok(asked.socket instanceof TLSSocket)
  const { fingerprint256 } = asked.socket.getPeerCertificate()
  const text = Buffer.concat(await response.toArray()).toString()
  return { status: response.statusCode, text, fingerprint256 }
}

async function startTls(context: TestContext, folder: string) {
  const kuard = await startKuard(context, ['--tls-address=127.0.0.1:0', `--tls-dir=${folder}`])
  const port = async () => Number((await kuard.logged(/Serving HTTPS on 127\.0\.0\.1:(\d+)/))[1])
  return { kuard, port }
}

/** Resolves when HTTPS shows the certificate of a folder. */
const serves = (port: number, folder: string) =>
  eventually('the certificate to be served', async () => {
    return (await askTls(port, '/healthy')).fingerprint256 === fingerprintIn(folder)
  })

for (const [what, others, words] of [
  ['no folder', undefined, 'there is no folder FOLDER'],
  [
    'an empty folder',
    [],
    'FOLDER holds neither kuard.crt and kuard.key nor tls.crt and tls.key; it is empty',
  ],
  [
    "others' certificates",
    ['cert.pem', '..data', 'key.pem'],
    'FOLDER holds neither kuard.crt and kuard.key nor tls.crt and tls.key; only cert.pem, key.pem',
  ],
  ['half a pair', ['tls.key'], 'tls.crt is missing beside tls.key in FOLDER'],
] as const) {
  test(`with ${what} it says what there is, and serves HTTP`, async (context) => {
    const folder = join(temporaryFolder(context), 'tls')
    if (others) mkdirSync(folder)
    for (const name of others ?? []) writeFileSync(join(folder, name), '')
    const { kuard } = await startTls(context, folder)
    const line = `Could not find certificates to serve TLS: ${words.replace('FOLDER', folder)}\n`
    assert.ok(kuard.output.includes(line), kuard.output)
    assert.equal((await kuard.get('/healthy')).status, 200)
  })
}

test("a TLS Secret's own names are taken too, kuard's first, and the log says which", async (context) => {
  const [own, secret, folder] = [await newPair(context), await newPair(context), temporaryFolder(context)]
  copyFileSync(join(secret, 'kuard.crt'), join(folder, 'tls.crt'))
  copyFileSync(join(secret, 'kuard.key'), join(folder, 'tls.key'))
  const { kuard, port } = await startTls(context, folder)
  await serves(await port(), secret)
  assert.ok(kuard.output.includes(` Found tls.crt and tls.key in ${folder}\n`), kuard.output)
  copyPair(own, folder)
  await serves(await port(), own)
  for (const file of files) rmSync(join(folder, file))
  await serves(await port(), secret)
})

test('with certificates the same app is served over HTTPS, and trusted by who trusts the certificate', async (context) => {
  const folder = await newPair(context)
  const { kuard, port } = await startTls(context, folder)
  const ca = readFileSync(join(folder, 'kuard.crt'))
  await kuard.put('/healthy/api', { failNext: 1 })
  const answer = await askTls(await port(), '/a/healthy', ca)
  assert.deepEqual([answer.status, answer.text], [500, 'fail, 0 left'])
  assert.equal((await kuard.get('/healthy')).text, 'ok')
  assert.match((await askTls(await port(), '/request/api', ca)).text, /"encrypted":true/)
})

test('the default address is logged as kuard logs it', async (context) => {
  const folder = await newPair(context)
  const kuard = new Kuard(context, ['--address=127.0.0.1:0', `--tls-dir=${folder}`])
  // On a machine where the port is taken it is named as well.
  await kuard.logged(/Serving HTTPS on :8443|can't listen on :8443: the address is already in use/)
})

test("a Secret's swap changes the certificate without a restart, again and again", async (context) => {
  const folder = temporaryFolder(context)
  const publish = (pair: string, version: string) => {
    mkdirSync(join(folder, version))
    copyPair(pair, join(folder, version))
    symlinkSync(version, join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  }
  const first = await newPair(context)
  publish(first, '..1')
  for (const file of files) symlinkSync(`..data/${file}`, join(folder, file))
  const { kuard, port } = await startTls(context, folder)
  await serves(await port(), first)
  for (const version of ['..2', '..3']) {
    const pair = await newPair(context)
    publish(pair, version)
    await serves(await port(), pair)
  }
  assert.doesNotMatch(kuard.output, /ERROR/)
})

for (const [what, damage, reason] of [
  [
    'garbage',
    (folder: string) => {
      writeFileSync(join(folder, 'kuard.crt'), 'garbage')
    },
    /kuard\.crt is not a PEM certificate/,
  ],
  [
    'an empty key',
    (folder: string) => {
      writeFileSync(join(folder, 'kuard.key'), '')
    },
    /kuard\.key is not a PEM private key/,
  ],
  [
    'a certificate that is cut off',
    (folder: string) => {
      const whole = readFileSync(join(folder, 'kuard.crt'))
      writeFileSync(join(folder, 'kuard.crt'), whole.subarray(0, whole.length / 2))
    },
    /kuard\.crt is not a PEM certificate/,
  ],
  [
    'the key of another',
    (folder: string, other: string) => {
      copyFileSync(join(other, 'kuard.key'), join(folder, 'kuard.key'))
    },
    /kuard\.key is not the key of kuard\.crt/,
  ],
  [
    'a missing key',
    (folder: string) => {
      rmSync(join(folder, 'kuard.key'))
    },
    /kuard\.key is missing/,
  ],
  [
    'a folder for a key',
    (folder: string) => {
      rmSync(join(folder, 'kuard.key'))
      mkdirSync(join(folder, 'kuard.key'))
    },
    /kuard\.key is not a file/,
  ],
] as const) {
  test(`${what} in place of a good pair is logged, and the good pair still served until a new one comes`, async (context) => {
    const [good, other, folder] = [await newPair(context), await newPair(context), temporaryFolder(context)]
    copyPair(good, folder)
    const { kuard, port } = await startTls(context, folder)
    await serves(await port(), good)
    damage(folder, other)
    await kuard.logged(
      new RegExp(`Still serving HTTPS with the former certificate: (\\S*/)?${reason.source}`),
    )
    assert.equal((await askTls(await port(), '/healthy')).fingerprint256, fingerprintIn(good))
    for (const file of files) rmSync(join(folder, file), { recursive: true, force: true })
    copyPair(other, folder)
    await serves(await port(), other)
  })

  test(`${what} at the start is logged, HTTP is served, and HTTPS once there is a good pair`, async (context) => {
    const [good, other, folder] = [await newPair(context), await newPair(context), temporaryFolder(context)]
    copyPair(good, folder)
    damage(folder, other)
    const { kuard, port } = await startTls(context, folder)
    assert.match(kuard.output, reason)
    assert.equal((await kuard.get('/healthy')).status, 200)
    for (const file of files) rmSync(join(folder, file), { recursive: true, force: true })
    copyPair(good, folder)
    await serves(await port(), good)
  })
}

test('clients that do not speak TLS, or stop in the middle of it, disturb nobody', async (context) => {
  const folder = await newPair(context)
  const { kuard, port } = await startTls(context, folder)
  const tlsPort = await port()
  for (const words of [
    'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01',
    '\0'.repeat(2000),
  ]) {
    const socket = connect(tlsPort, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.end(words)
    socket.resume()
    await once(socket, 'close')
  }
  const rude = connect(tlsPort, '127.0.0.1')
  await once(rude, 'connect')
  rude.resetAndDestroy()
  const distrustful = tlsConnect({ port: tlsPort, host: '127.0.0.1', servername: 'localhost' })
  await once(distrustful, 'error')
  assert.equal((await askTls(tlsPort, '/healthy')).status, 200)
  assert.equal((await kuard.get('/healthy')).status, 200)
})

test('a request in flight over HTTPS is finished before the process ends, and idle connections do not delay it', async (context) => {
  const folder = await newPair(context)
  const { kuard, port } = await startTls(context, folder)
  const idle = tlsConnect({ port: await port(), host: '127.0.0.1', rejectUnauthorized: false })
  idle.on('error', () => undefined)
  await once(idle, 'secureConnect')
  const body = '{"failNext":0}'
  const asked = request({
    host: '127.0.0.1',
    port: await port(),
    method: 'PUT',
    path: '/healthy/api',
    headers: { 'content-length': body.length },
    rejectUnauthorized: false,
    agent: false,
  })
  // It has been sent when that calls back, the handshake before it, so that it is there ahead of what comes next.
  await new Promise((resolve) => asked.write(body.slice(0, 5), resolve))
  await kuard.get('/healthy')
  const ended = kuard.terminate()
  await kuard.logged(/Received SIGTERM/)
  asked.end(body.slice(5))
  const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage]
  response.resume()
  assert.equal(response.statusCode, 200)
  assert.deepEqual(await ended, { code: 0, signal: null })
})

test('a TLS address in use is a clear message and exit 1', async (context) => {
  const folder = await newPair(context)
  const taken = createServer().listen(0, '127.0.0.1')
  context.after(() => taken.close())
  await once(taken, 'listening')
  const address = `127.0.0.1:${(taken.address() as import('node:net').AddressInfo).port}`
  const kuard = new Kuard(context, [
    '--address=127.0.0.1:0',
    `--tls-address=${address}`,
    `--tls-dir=${folder}`,
  ])
  assert.equal((await kuard.ended).code, 1)
  assert.ok(kuard.output.includes(`can't listen on ${address}: the address is already in use`), kuard.output)
})
