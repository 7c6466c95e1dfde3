/** Faults by which a process ends, hangs, starts late or won't end. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { test, type TestContext } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { beginFault, endFault, faultEnded, faultOf } from '../support/faults.ts'
import { freePort } from '../support/free-port.ts'
import { ask, Kuard, runKuard, startKuard, type Ending } from '../support/kuard.ts'

const cleanEnd: Ending = { code: 0, signal: null }
const signals = ['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGTERM'] as const

/** Another first process than the machine's, for whom the system has no defaults of signals; without a dump of its memory. */
const asFirstProcess = [
  'unshare',
  '--pid',
  '--fork',
  '--kill-child',
  'sh',
  '-c',
  'ulimit -c 0; exec "$@"',
  'sh',
]
const withoutDump = ['sh', '-c', 'ulimit -c 0; exec "$@"', 'sh']

const whyNoFirstProcess = () =>
  spawnSync('unshare', ['--pid', '--fork', 'true']).status !== 0 &&
  'no namespace of processes can be made here'

/** Whether the process answers a probe within half a second. */
async function isAnswered({ port }: Kuard): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>()
  const timer = setTimeout(resolve, 500, false)
  const answer = ask(port, 'GET', '/healthy').then(
    ({ status }) => status === 200,
    () => false,
  )
  const isInTime = await Promise.race([answer, late])
  clearTimeout(timer)
  return isInTime
}

test('a crash is answered first, and ends the process by its code, its log written', async (context) => {
  const kuard = await startKuard(context)
  await beginFault(kuard, 'crash', { code: 42 })
  assert.deepEqual(await kuard.ended, { code: 42, signal: null })
  assert.match(kuard.output, /Fault crash begins: crashes with code 42 now[^]*ERROR Crashes with code 42/)
})

for (const signal of signals) {
  test(`a crash by ${signal} is one`, async (context) => {
    const kuard = await startKuard(context, [], { under: withoutDump })
    await beginFault(kuard, 'crash', { signal })
    assert.deepEqual(await kuard.ended, { code: null, signal })
    assert.match(kuard.output, new RegExp(`Crashes by ${signal}`))
  })

  test(
    `the first process of a container that crashes by ${signal} leaves with the code that stands for it`,
    { skip: whyNoFirstProcess() },
    async (context) => {
      const kuard = await startKuard(context, [], { under: asFirstProcess })
      await beginFault(kuard, 'crash', { signal })
      assert.deepEqual(await kuard.ended, { code: 128 + constants.signals[signal], signal: null })
    },
  )
}

test('a crash comes after seconds', async (context) => {
  const kuard = await startKuard(context)
  const before = performance.now()
  await beginFault(kuard, 'crash', { afterSeconds: 1, code: 3 })
  assert.deepEqual(await kuard.ended, { code: 3, signal: null })
  assert.ok(performance.now() - before > 900)
})

test('a crash comes after requests that were answered, of which probes are none', async (context) => {
  const kuard = await startKuard(context)
  await beginFault(kuard, 'crash', { afterRequests: 3, code: 3 })
  for (let probe = 0; probe < 5; probe += 1) assert.equal((await kuard.get('/healthy')).status, 200)
  for (let left = 2; left >= 0; left -= 1) {
    const { status, headers } = await kuard.get('/env/api')
    assert.deepEqual([status, headers['x-fault']], [200, `crash=${left}-left`])
  }
  assert.deepEqual(await kuard.ended, { code: 3, signal: null })
})

test('a crash comes after seconds or after requests, and not after both', async (context) => {
  const kuard = await startKuard(context)
  const { status, text } = await kuard.put('/faults/crash', { afterSeconds: 600, afterRequests: 9 })
  assert.deepEqual([status, text.includes('not after both')], [400, true])
  assert.equal(await faultOf(kuard, 'crash'), undefined)
})

for (const order of [{ afterSeconds: 600 }, { afterRequests: 600 }]) {
  test(`a crash (${JSON.stringify(order)}) that is taken back, or that SIGTERM comes before, doesn't come`, async (context) => {
    const kuard = await startKuard(context)
    await beginFault(kuard, 'crash', order)
    await endFault(kuard, 'crash')
    assert.equal(await faultOf(kuard, 'crash'), undefined)
    await beginFault(kuard, 'crash', order)
    assert.deepEqual(await kuard.terminate(), cleanEnd)
  })
}

test('a crash that is taken back before its last request is answered doesn’t come', async (context) => {
  const kuard = await startKuard(context, ['--fault-by-query'])
  await beginFault(kuard, 'crash', { afterRequests: 1 })
  const last = kuard.get('/env/api?fault.slow=1')
  await eventually('the last request', async () => (await faultOf(kuard, 'crash'))?.touched === 1)
  await endFault(kuard, 'crash')
  assert.deepEqual(await kuard.terminate(), cleanEnd)
  assert.equal((await last).status, 200)
})

test('a deadlock lets nothing be answered, and ends by itself', async (context) => {
  const kuard = await startKuard(context)
  await beginFault(kuard, 'deadlock', { seconds: 3 })
  await kuard.logged(/WARN Nothing is answered any more, for 3 s/)
  const began = performance.now()
  await eventually('a probe to be answered too late', async () => !(await isAnswered(kuard)))
  await eventually('probes to be answered again', () => isAnswered(kuard))
  assert.ok(performance.now() - began > 1_000)
  await eventually('it to be over', async () => (await faultOf(kuard, 'deadlock')) === undefined)
})

test('SIGTERM waits for the end of a deadlock', async (context) => {
  const kuard = await startKuard(context)
  await beginFault(kuard, 'deadlock', { seconds: 2 })
  await kuard.logged(/Nothing is answered any more/)
  const began = performance.now()
  assert.deepEqual(await kuard.terminate(), cleanEnd)
  assert.ok(performance.now() - began > 500)
})

test("a deadlock to come that is taken back, or that SIGTERM comes before, doesn't come", async (context) => {
  const kuard = await startKuard(context)
  await beginFault(kuard, 'deadlock', { afterSeconds: 600, seconds: 600 })
  const { words, until, since } = (await faultOf(kuard, 'deadlock')) ?? {}
  assert.equal(words, 'answers nothing for 600 s, after 600 s')
  assert.equal(Date.parse(until ?? '') - Date.parse(since ?? ''), 1_200_000)
  await endFault(kuard, 'deadlock')
  await beginFault(kuard, 'deadlock', { afterSeconds: 600, seconds: 600 })
  assert.deepEqual(await kuard.terminate(), cleanEnd)
})

const refusesConnections = (port: number): Promise<boolean> =>
  ask(port, 'GET', '/healthy').then(
    () => false,
    (error: unknown) => (error as NodeJS.ErrnoException).code === 'ECONNREFUSED',
  )

/** Starts one that is slow to start; resolves when it says so. */
async function startSlowly(context: TestContext, seconds: number, under: readonly string[] = []) {
  const port = await freePort()
  const args = [`--address=127.0.0.1:${port}`, '--shutdown-delay=0', `--fault-slow-start=${seconds}`]
  const kuard = new Kuard(context, args, { under })
  await kuard.logged(new RegExp(`Starts slowly: it listens in ${seconds} s`))
  return { kuard, port }
}

test('a slow start refuses connections until it is over', async (context) => {
  const began = performance.now()
  const { kuard, port } = await startSlowly(context, 2)
  assert.ok(await refusesConnections(port))
  await kuard.started()
  assert.ok(performance.now() - began > 1_900)
  assert.equal((await kuard.get('/ready')).status, 200)
  assert.deepEqual(await kuard.terminate(), cleanEnd)
})

test('SIGTERM ends a slow start at once', async (context) => {
  const { kuard } = await startSlowly(context, 600)
  assert.deepEqual(await kuard.terminate(), { code: null, signal: 'SIGTERM' })
})

test(
  'SIGTERM ends the slow start of the first process of a container',
  { skip: whyNoFirstProcess() },
  async (context) => {
    const { kuard } = await startSlowly(context, 600, asFirstProcess)
    const { pid } = kuard.child
    process.kill(Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')), 'SIGTERM')
    assert.deepEqual(await kuard.ended, { code: 143, signal: null })
  },
)

test('a server that is read-only refuses a slow start', async (context) => {
  const { code, errors } = await runKuard(context, ['--read-only', '--fault-slow-start=600'])
  assert.deepEqual(
    [code, errors.startsWith('--fault-...: a server that is --read-only has no faults')],
    [2, true],
  )
})

test('without the feature no start is slow', async (context) => {
  const kuard = await startKuard(context, ['--fault-slow-start=600', '--disable=faults'])
  assert.doesNotMatch(kuard.output, /Starts slowly/)
})

for (const how of ['its time was up', 'taken back'] as const) {
  test(`SIGTERM is ignored, readiness as it was, until that is over (${how})`, async (context) => {
    const kuard = await startKuard(context)
    await beginFault(kuard, 'ignore-sigterm', how === 'taken back' ? {} : { seconds: 3 })
    kuard.child.kill('SIGTERM')
    await kuard.logged(/WARN Received SIGTERM, and ignores it/)
    assert.equal((await kuard.get('/ready')).status, 200)
    if (how === 'taken back') await endFault(kuard, 'ignore-sigterm')
    await faultEnded(kuard, 'ignore-sigterm', how)
    assert.deepEqual(await kuard.terminate(), cleanEnd)
  })
}

test('what ignores SIGTERM ends by SIGINT', async (context) => {
  const kuard = await startKuard(context, ['--fault-ignore-sigterm'])
  kuard.child.kill('SIGTERM')
  await kuard.logged(/Received SIGTERM, and ignores it/)
  kuard.child.kill('SIGINT')
  assert.deepEqual(await kuard.ended, cleanEnd)
})

test('the flags begin each of them', async (context) => {
  assert.equal(
    (await runKuard(context, ['--address=127.0.0.1:0', '--fault-crash-after=1', '--fault-crash-code=7']))
      .code,
    7,
  )
  const byRequests = await startKuard(context, [
    '--fault-crash-after-requests=1',
    '--fault-crash-signal=SIGKILL',
  ])
  await byRequests.get('/env/api')
  assert.deepEqual(await byRequests.ended, { code: null, signal: 'SIGKILL' })
  const kuard = await startKuard(context, [
    '--fault-deadlock-after=600',
    '--fault-deadlock-for=5',
    '--fault-ignore-sigterm',
  ])
  assert.equal((await faultOf(kuard, 'deadlock'))?.words, 'answers nothing for 5 s, after 600 s')
  assert.ok(await faultOf(kuard, 'ignore-sigterm'))
  const { code, errors } = await runKuard(context, ['--fault-crash-signal=SIGNAL'])
  assert.deepEqual([code, errors.includes('must be one of SIGKILL, SIGSEGV')], [2, true])
})

for (const method of ['GET', 'POST']) {
  test(`${method} /panic is a crash by code 255, which is answered first`, async (context) => {
    const kuard = await startKuard(context)
    const answer = await kuard.ask(method, '/a/panic')
    assert.deepEqual([answer.status, answer.text], [202, 'ends with code 255\n'])
    assert.deepEqual(await kuard.ended, { code: 255, signal: null })
    assert.match(kuard.output, /ERROR Crashes with code 255/)
  })
}

test('/panic ends nothing for a link that a browser follows, another site’s page, or where nothing may be changed', async (context) => {
  const kuard = await startKuard(context)
  const ofBrowsers = [
    { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' },
    { 'sec-fetch-site': 'none', 'sec-fetch-dest': 'document' },
    { 'sec-purpose': 'prefetch' },
    { referer: 'http://localhost/' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'http://evil.test' },
    { host: 'evil.test' },
  ]
  for (const headers of ofBrowsers)
    assert.equal((await kuard.get('/panic', headers)).status, 403, JSON.stringify(headers))
  const foreign = await kuard.ask('POST', '/panic', { headers: { origin: 'http://evil.test' } })
  assert.equal(foreign.status, 403)
  assert.equal((await kuard.ask('HEAD', '/panic')).status, 405)
  const readOnly = await startKuard(context, ['--read-only'])
  for (const method of ['GET', 'POST']) {
    const answer = await readOnly.ask(method, '/panic')
    assert.deepEqual([answer.status, answer.text], [403, 'this server is read-only (--read-only)\n'])
  }
  const without = await startKuard(context, ['--disable=faults'])
  assert.equal((await without.get('/panic')).status, 404)
  for (const { port } of [kuard, readOnly, without])
    assert.equal((await ask(port, 'GET', '/healthy')).status, 200)
})
