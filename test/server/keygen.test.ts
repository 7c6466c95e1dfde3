/** The KeyGen workload with limits of its own, from flags and over HTTP. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { fingerprint, makeKey, sshPublicKey } from '../../server/features/keygen/key.ts'
import { KeyGenStatus } from '../../server/features/keygen/wire.ts'
import { cheapKeys } from '../support/cheap-keys.ts'
import { eventually } from '../support/eventually.ts'
import { readEvents } from '../support/event-stream.ts'
import { Kuard, startKuard, runKuard } from '../support/kuard.ts'
import { prefixes } from '../support/prefixes.ts'

const idle = {
  enable: false,
  numToGen: 0,
  timeToRun: 0,
  memQServer: '',
  memQQueue: '',
  exitOnComplete: false,
  exitCode: 0,
}
const itemDone = /Item done: SHA256:[A-Za-z0-9+/]{43}$/

async function status(kuard: Kuard): Promise<KeyGenStatus> {
  return (await kuard.get('/keygen')).json(KeyGenStatus)
}

/** The workload's lines in the log, without their dates. */
const said = (kuard: Kuard): string[] =>
  kuard.lines.filter((line) => line.includes('(ID ')).map((line) => line.replace(/^\S+ \S+ /, ''))

function opensshFingerprint(context: TestContext, publicKey: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'kuard-key-'))
  context.after(() => {
    rmSync(folder, { recursive: true })
  })
  const file = join(folder, 'id_rsa.pub')
  writeFileSync(file, `ssh-rsa ${publicKey.toString('base64')}\n`)
  return execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' })
}

test('a key has 4096 bits, exponent 65537 and the fingerprint that ssh-keygen prints', async (context) => {
  const key = await makeKey()
  assert.deepEqual(key.asymmetricKeyDetails, { modulusLength: 4096, publicExponent: 65537n })
  assert.ok(opensshFingerprint(context, sshPublicKey(key)).startsWith(`4096 ${fingerprint(key)} `))
})

test('ssh-keygen agrees about a key whose modulus has no high bit to be kept positive', (context) => {
  // A first byte below 0x80. It is no key that could be used, but nothing other than its bytes matters here.
  const n = Buffer.alloc(256, 0x7b).toString('base64url')
  const key = createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' })
  assert.ok(opensshFingerprint(context, sshPublicKey(key)).startsWith(`2047 ${fingerprint(key)} `))
})

test('a workload with a count makes that many keys, numbers them, and ends', async (context) => {
  const kuard = await startKuard(context, ['--keygen-enable', '--keygen-num-to-gen=3'], cheapKeys())
  await kuard.logged(/Workload exiting/)
  const lines = said(kuard)
  assert.equal(lines[0], '(ID 0) Workload starting')
  lines.slice(1, 4).forEach((line, index) => {
    assert.ok(line.startsWith(`(ID 0 ${index + 1}/3) `), line)
    assert.match(line, itemDone)
  })
  assert.deepEqual(lines.slice(4), ['(ID 0) Workload exiting'])
  const { config, progress, history } = await status(kuard)
  assert.deepEqual(config, { ...idle, enable: true, numToGen: 3 })
  assert.deepEqual(
    { ...progress, startedAt: '' },
    { running: false, done: 3, of: 3, secondsLeft: null, startedAt: '' },
  )
  assert.deepEqual(
    history.map(({ id, data }) => [id, data]),
    lines.map((line, id) => [id, line]),
  )
  assert.match((await kuard.get('/metrics')).text, /^keygen_keys_total 3$/m)
})

test('KeyGen answers under every prefix and tells what it was told', async (context) => {
  const kuard = await startKuard(context)
  for (const prefix of prefixes) {
    const order = { numToGen: 5, exitCode: 3, enable: false }
    const answer = (await kuard.put(`${prefix}/keygen`, order)).json(KeyGenStatus)
    assert.deepEqual(answer.config, { ...idle, ...order })
    assert.deepEqual((await kuard.get(`${prefix}/keygen`)).json(KeyGenStatus), answer)
  }
})

test('an endless workload shows no limit, and its history keeps the last 20 lines, oldest first', async (context) => {
  const kuard = await startKuard(context, ['--keygen-enable'], cheapKeys())
  await kuard.logged(/\(ID 0 30\/Inf\) Item done/)
  const { progress, history } = await status(kuard)
  assert.equal(progress.running, true)
  assert.equal(progress.of, null)
  assert.equal(history.length, 20)
  const first = history[0]?.id ?? 0
  assert.ok(first > 10)
  assert.deepEqual(
    history.map(({ id }) => id),
    Array.from({ length: 20 }, (_, index) => first + index),
  )
})

test('a workload with a time limit shows the time left, and ends when it is over', async (context) => {
  const args = ['--keygen-enable', '--keygen-time-to-run=4']
  const kuard = await startKuard(context, args, cheapKeys({ milliseconds: 100 }))
  await kuard.logged(/\(ID 0 1\/Inf [1-3] seconds? left\) Item done/)
  assert.ok([1, 2, 3, 4].includes((await status(kuard)).progress.secondsLeft ?? 0))
  await kuard.logged(/\(ID 0\) Workload exiting/)
  const { running, secondsLeft } = (await status(kuard)).progress
  assert.deepEqual({ running, secondsLeft }, { running: false, secondsLeft: null })
})

test('a key that was begun in time is finished, and so is a count within its time', async (context) => {
  const kuard = await startKuard(context, [], cheapKeys({ milliseconds: 1500 }))
  await kuard.put('/keygen', { enable: true, timeToRun: 1 })
  await kuard.logged(/\(ID 0 1\/Inf (now|\d seconds? overdue)\) Item done: \S+\n.*\(ID 0\) Workload exiting/)
  await kuard.put('/keygen', { enable: true, timeToRun: 3600, numToGen: 1 })
  await kuard.logged(/\(ID 1 1\/1 59 minutes left\) Item done: \S+\n.*\(ID 1\) Workload exiting/)
})

test('browsers are told of each line as it is said', async (context) => {
  const kuard = await startKuard(context, ['--keygen-enable'], cheapKeys({ untilStuck: 2 }))
  const reader = await readEvents(context, kuard.port)
  const { history } = await reader.latest('keygen', KeyGenStatus, ({ progress }) => progress.done === 2)
  assert.equal(history.length, 3)
  await kuard.put('/keygen', { exitCode: 9 })
  const { progress } = await reader.latest('keygen', KeyGenStatus, ({ config }) => config.exitCode === 9)
  assert.equal(progress.running, false)
})

test('orders over HTTP replace the running workload, whose number counts up', async (context) => {
  const kuard = await startKuard(context, ['--keygen-enable'], cheapKeys({ untilStuck: 2 }))
  await kuard.logged(/\(ID 0 2\/Inf\) Item done/)
  const answer = (await kuard.put('/keygen', { enable: true, numToGen: 1 })).json(KeyGenStatus)
  assert.deepEqual(answer.history.map(({ data }) => data).slice(-2), [
    '(ID 0) Workload exiting',
    '(ID 1) Workload starting',
  ])
  assert.equal(answer.progress.done, 0)
  // The first workload's third key never ends, and holds the only slot.
  assert.equal((await status(kuard)).progress.done, 0)
  const stopped = (await kuard.put('/keygen', {})).json(KeyGenStatus)
  assert.equal(stopped.history.at(-1)?.data, '(ID 1) Workload exiting')
  assert.equal(stopped.progress.running, false)
})

test('a replaced workload says nothing more', async (context) => {
  const kuard = await startKuard(context, ['--keygen-enable'], cheapKeys({ milliseconds: 50 }))
  await kuard.logged(/\(ID 0 1\/Inf\) Item done/)
  for (let id = 1; id <= 5; id += 1) await kuard.put('/keygen', { enable: true, numToGen: 2 })
  await kuard.logged(/\(ID 5\) Workload exiting/)
  for (let id = 0; id <= 5; id += 1) {
    const lines = said(kuard).filter((line) => line.startsWith(`(ID ${id}`))
    assert.equal(lines[0], `(ID ${id}) Workload starting`)
    assert.equal(
      lines.findIndex((line) => line.endsWith('exiting')),
      lines.length - 1,
    )
  }
})

test('several workers make keys side by side, and no more than were asked for', async (context) => {
  const args = ['--keygen-enable', '--keygen-workers=16', '--keygen-num-to-gen=40']
  const kuard = await startKuard(context, args, cheapKeys({ milliseconds: 500 }))
  const begin = performance.now()
  await kuard.logged(/Workload exiting/)
  assert.ok(performance.now() - begin < 10_000, 'one after the other they would take 20 s')
  assert.equal(said(kuard).filter((line) => itemDone.test(line)).length, 40)
  assert.doesNotMatch(kuard.output, /Warning: /)
})

for (const [what, order] of Object.entries({
  'a negative count': { numToGen: -1 },
  'a negative time': { timeToRun: -1 },
  'a fraction': { numToGen: 1.5 },
  'a number beyond all counting': { numToGen: 1e300 },
  'an exit code over 255': { exitCode: 256 },
  'an exit code below 0': { exitCode: -1 },
  'a text for a truth value': { enable: 'true' },
  'a server that is no URL': { memQServer: 'queue:8080/memq/server', memQQueue: 'q' },
  "a cloud's metadata service": { memQServer: 'http://169.254.169.254/latest', memQQueue: 'q' },
  "a cloud's metadata service as one number": { memQServer: 'http://2852039166/', memQQueue: 'q' },
  "a cloud's metadata service in IPv6": { memQServer: 'http://[fd00:ec2::254]/', memQQueue: 'q' },
  "a cloud's metadata service in IPv6 of IPv4": { memQServer: 'http://[::ffff:a9fe:a9fe]/', memQQueue: 'q' },
  'a server with a password': { memQServer: 'http://a:b@queue', memQQueue: 'q' },
  'a list': [],
})) {
  test(`an order with ${what} is refused in plain words, and the workload goes on`, async (context) => {
    const kuard = await startKuard(context, ['--keygen-enable'], cheapKeys({ untilStuck: 0 }))
    const answer = await kuard.put('/keygen', order)
    assert.equal(answer.status, 400)
    assert.match(String(answer.headers['content-type']), /^text\/plain/)
    assert.match(answer.text, /\S/)
    const { config, progress } = await status(kuard)
    assert.deepEqual(config, { ...idle, enable: true })
    assert.equal(progress.running, true)
  })
}

test('--read-only refuses orders and shows the state', async (context) => {
  const kuard = await startKuard(context, ['--read-only'])
  assert.equal((await kuard.put('/keygen', { enable: true })).status, 403)
  assert.deepEqual((await status(kuard)).config, idle)
})

test('--keygen-memq-server with no URL is refused with exit code 2', async (context) => {
  const { code, output } = await runKuard(context, ['--keygen-memq-server=queue'])
  assert.equal(code, 2)
  assert.match(output, /^--keygen-memq-server must be a URL/)
})

test('--keygen-exit-on-complete ends the process with its exit code, every line written', async (context) => {
  const args = [
    '--keygen-enable',
    '--keygen-num-to-gen=2',
    '--keygen-exit-on-complete',
    '--keygen-exit-code=7',
  ]
  const { code, output } = await runKuard(context, ['--address=127.0.0.1:0', ...args], cheapKeys())
  assert.equal(code, 7)
  assert.match(output, /\(ID 0 2\/2\) Item done: SHA256:\S+\n.*\(ID 0\) Workload exiting\n$/)
})

test('an order over HTTP can end the process too, with 0 when it names no exit code', async (context) => {
  const kuard = await startKuard(context, [], cheapKeys())
  await kuard.put('/keygen', { enable: true, numToGen: 1, exitOnComplete: true })
  assert.deepEqual(await kuard.ended, { code: 0, signal: null })
  assert.match(kuard.output, /\(ID 0\) Workload exiting\n$/)
})

test('SIGTERM stops a workload that was to exit on completion, with 143', async (context) => {
  const args = [
    '--keygen-enable',
    '--keygen-num-to-gen=10',
    '--keygen-exit-on-complete',
    '--keygen-exit-code=5',
  ]
  const kuard = await startKuard(context, args, cheapKeys({ untilStuck: 3 }))
  await kuard.logged(/\(ID 0 3\/10\) Item done/)
  assert.deepEqual(await kuard.terminate(), { code: 143, signal: null })
  assert.match(kuard.output, /\(ID 0\) Workload exiting/)
  assert.doesNotMatch(kuard.output, /4\/10/)
})

test('SIGTERM ends a server with any other workload with 0', async (context) => {
  const endless = await startKuard(context, ['--keygen-enable'], cheapKeys())
  await endless.logged(/Item done/)
  assert.equal((await endless.terminate()).code, 0)
  const switchedOff = await startKuard(context, ['--keygen-enable', '--keygen-exit-on-complete'], cheapKeys())
  await switchedOff.put('/keygen', { exitOnComplete: true })
  assert.equal((await switchedOff.terminate()).code, 0)
})

test('a server that shuts down takes no new orders', async (context) => {
  const kuard = await startKuard(context, ['--shutdown-delay=30'])
  kuard.child.kill('SIGTERM')
  await eventually('readiness to fail', async () => (await kuard.get('/ready')).status === 500)
  assert.equal((await kuard.put('/keygen', { enable: true })).status, 503)
  assert.deepEqual((await status(kuard)).config, idle)
})

test('real keys on more threads than libuv has by default leave files and the log quick', async (context) => {
  const kuard = await startKuard(context, ['--keygen-enable', '--keygen-workers=6'])
  await kuard.logged(/Workload starting/)
  // Each log line is written on a thread of the same pool.
  for (let call = 0; call < 20; call += 1) {
    const begin = performance.now()
    await kuard.get(`/healthy?call=${call}`)
    await kuard.logged(new RegExp(`call=${call} `))
    const took = performance.now() - begin
    assert.ok(took < 1000, `a line took ${took.toFixed()} ms`)
  }
})

test('--disable=keygen switches it off', async (context) => {
  const kuard = await startKuard(
    context,
    ['--disable=keygen', '--keygen-enable', '--keygen-num-to-gen=1'],
    cheapKeys(),
  )
  assert.equal((await kuard.get('/keygen')).status, 404)
  assert.doesNotMatch(kuard.output, /Workload/)
})
