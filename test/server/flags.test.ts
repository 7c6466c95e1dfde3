/** The command line, as a user gives it. */
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { test } from 'node:test'
import { Kuard, runKuard, startKuard } from '../support/kuard.ts'

/** Every flag with its default. */
const defaults = {
  address: ':8080',
  tlsAddress: ':8443',
  tlsDir: '/tls',
  debug: false,
  debugSitedataDir: './sitedata',
  livenessFailNext: 0,
  readinessFailNext: 0,
  keygenEnable: false,
  keygenNumToGen: 0,
  keygenTimeToRun: 0,
  keygenExitOnComplete: false,
  keygenExitCode: 0,
  keygenMemqServer: '',
  keygenMemqQueue: '',
  allowedHosts: [],
  allowedOrigins: [],
  bodyLimit: 1_048_576,
  faultByQuery: false,
  faultCpu: 0,
  faultCrashAfter: 0,
  faultCrashAfterRequests: 0,
  faultCrashCode: 1,
  faultCrashSignal: '',
  faultCutAt: 'before',
  faultCutReset: false,
  faultCutShare: 0,
  faultDeadlockAfter: 0,
  faultDeadlockFor: 600,
  faultDelayMs: 0,
  faultDelayP99Ms: 0,
  faultDelayShare: 1,
  faultDiskFolder: '/tmp',
  faultDiskMib: 0,
  faultErrorRetryAfter: 0,
  faultErrorShare: 0,
  faultErrorStatus: 503,
  faultIgnoreSigterm: false,
  faultLeakMib: 0,
  faultLogLines: 0,
  faultOpenFiles: 0,
  faultPath: '/',
  faultProbes: false,
  faultRequestCpuMs: 0,
  faultSeconds: 0,
  faultSlowBody: 0,
  faultSlowStart: 0,
  faultSockets: 0,
  check: '',
  reach: '',
  reachMetadata: false,
  wait: 0,
  disable: [],
  fsRoot: '/',
  labsDir: '',
  frameAncestors: [],
  generateCerts: '',
  headerLimit: 1_048_576,
  idleTimeout: 620,
  grpcAddress: '',
  keygenWorkers: 1,
  logFormat: 'text',
  logLevel: 'info',
  logProbes: true,
  logSample: 1,
  memqStore: 'memory',
  memqPasswordFile: '',
  memqWaitReplicas: 0,
  memqMaxBytes: 67_108_864,
  readOnly: false,
  shutdownDelay: 5,
  shutdownTimeout: 25,
  trafficBody: '',
  trafficConcurrency: 16,
  trafficConnections: 'new',
  trafficCount: '',
  trafficEnable: false,
  trafficExitOnComplete: false,
  trafficHeader: [],
  trafficLog: 'seconds',
  trafficMaxFailures: 0,
  trafficMethod: 'GET',
  trafficNumToSend: 0,
  trafficRate: 10,
  trafficTimeToRun: 0,
  trafficTimeoutMs: 5000,
  trafficUrl: '',
  upstream: [],
  version: false,
}

/** What a server logs as its configuration. */
function loggedConfig({ output }: Kuard): Record<string, unknown> {
  return JSON.parse(/Config: (\{[^]*?\n\})/.exec(output)?.[1] ?? '') as Record<string, unknown>
}

test('every flag has its default, as the log shows', async (context) => {
  const kuard = await startKuard(context, ['--shutdown-delay=5'])
  assert.deepEqual(loggedConfig(kuard), { ...defaults, address: '127.0.0.1:0' })
})

test('flags are read with = or without, over the words between them, and the last of a flag wins', async (context) => {
  const kuard = await startKuard(context, [
    ...['extra-value', '--tls-dir', '/etc/tls', '-', '--keygen-exit-code=1', '--keygen-exit-code', '2'],
    ...['--read-only', 'true-is-no-value-of-it', '--debug=false', '--fs-root=/tmp=x'],
    ...['--disable=env,memq', '--disable', 'dns', '--liveness-fail-next', '-1', '--allowed-hosts='],
  ])
  assert.deepEqual(loggedConfig(kuard), {
    ...defaults,
    address: '127.0.0.1:0',
    shutdownDelay: 0,
    tlsDir: '/etc/tls',
    keygenExitCode: 2,
    readOnly: true,
    fsRoot: '/tmp=x',
    disable: ['env', 'memq', 'dns'],
    livenessFailNext: -1,
  })
})

test('PORT of the environment is the default address, and is refused when it is none', async (context) => {
  const kuard = new Kuard(context, [], { env: { PORT: '0' } })
  await kuard.started()
  assert.equal(loggedConfig(kuard).address, ':0')
  const flag = await startKuard(context, [], { env: { PORT: '1' } })
  assert.equal(loggedConfig(flag).address, '127.0.0.1:0')
  for (const PORT of ['', 'tcp://10.0.0.1:80', '99999']) {
    const { code, errors } = await runKuard(context, [], { env: { PORT } })
    assert.equal(code, 2)
    assert.ok(errors.startsWith(`PORT in the environment is ${JSON.stringify(PORT)}, which is no port`))
  }
})

test('what follows -- is no flag', async (context) => {
  const kuard = await startKuard(context, ['--', '--nonsense', '--address=nowhere'])
  assert.equal(loggedConfig(kuard).address, '127.0.0.1:0')
})

for (const help of ['--help', '-h', '-hx']) {
  test(`${help} prints every flag in columns of less than 110 characters and exits 0`, async (context) => {
    const { code, output, errors } = await runKuard(context, ['--debug', help, '--nonsense'])
    assert.deepEqual([code, errors], [0, ''])
    for (const name of Object.keys(defaults)) {
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
      assert.match(output, new RegExp(`^  ${flag}( int| float| strings?)? {2,}\\S`, 'm'))
    }
    assert.match(output, /--address string +HTTP address \(default :8080\)/)
    const rows = output.split('\n')
    assert.ok(rows.every((row) => row.length < 110))
    const columns = rows.filter((row) => row.startsWith('  --')).map((row) => row.search(/(?<= {2})[^\s-]/))
    assert.equal(new Set(columns).size, 1)
  })
}

test('--version prints the version and the colour it poses as', async (context) => {
  const { code, output } = await runKuard(context, ['--version'], { env: { KUARD_VERSION: 'green' } })
  assert.equal(code, 0)
  assert.match(output, /^kuard-ts \d+\.\d+\.\d+-green\n$/)
})

for (const [arg, reason] of [
  ['--nonsense', 'unknown flag: --nonsense'],
  ['--Address=:80', 'unknown flag: --Address'],
  ['--constructor=1', 'unknown flag: --constructor'],
  ['--\u001b[2J', 'unknown flag: --\\u001b[2J'],
  ['--=1', 'bad flag syntax: --=1'],
  ['---debug', 'bad flag syntax: ---debug'],
  ['-d', "unknown shorthand flag: 'd' in -d"],
  ['-😀', "unknown shorthand flag: '😀' in -😀"],
  ['--tls-dir', 'flag needs an argument: --tls-dir'],
  ['--debug=maybe', 'invalid argument "maybe" for "--debug" flag: true or false is needed'],
  ['--body-limit=1e6', 'invalid argument "1e6" for "--body-limit" flag: a whole number is needed'],
  ['--body-limit=', 'invalid argument "" for "--body-limit" flag: a whole number is needed'],
  ['--body-limit=0', 'invalid argument "0" for "--body-limit" flag: it must be at least 1'],
  [
    '--body-limit=9007199254740993',
    'invalid argument "9007199254740993" for "--body-limit" flag: the number is too large',
  ],
  ['--keygen-exit-code=256', 'invalid argument "256" for "--keygen-exit-code" flag: it must be at most 255'],
  [
    '--log-level=loud',
    'invalid argument "loud" for "--log-level" flag: it must be one of debug, info, warn, error',
  ],
  ['--log-format=a\nb', 'invalid argument "a\\nb" for "--log-format" flag: it must be one of text, json'],
  ['--disable=env,nope', '--disable: no feature is named nope; there are request, env, '],
  ['--shutdown-delay=86401', 'it must be at most 86400'],
  ...['', '8080', ':', ':65536', 'a b:1', '[::1]', '[zz]:80', '::1:80', 'http://localhost:80'].map(
    (address) => [`--address=${address}`, `invalid argument "${address}" for "--address" flag: an address`],
  ),
] as const) {
  test(`${JSON.stringify(arg)} is refused with the reason and the usage on standard error, and exit 2`, async (context) => {
    const { code, output, errors } = await runKuard(context, [arg])
    assert.deepEqual([code, output], [2, errors])
    const lines = errors.trimEnd().split('\n')
    assert.ok(lines[0]?.includes(reason), errors)
    assert.match(errors, /^Usage of kuard:$/m)
    assert.equal(lines.at(-1), lines[0])
  })
}

test('an address that is in use is a clear message and exit 1', async (context) => {
  const taken = createServer().listen(0, '127.0.0.1')
  context.after(() => taken.close())
  await once(taken, 'listening')
  const address = taken.address()
  const text = `127.0.0.1:${String(typeof address === 'object' && address?.port)}`
  const { code, output } = await runKuard(context, [`--address=${text}`])
  assert.equal(code, 1)
  assert.match(output, new RegExp(`ERROR can't listen on ${text}: the address is already in use\n`))
})

test('a switched-off feature has no routes', async (context) => {
  const kuard = await startKuard(context, ['--disable=env'])
  assert.equal((await kuard.get('/env/api')).status, 404)
})

for (const [args, printing, expected] of [
  ['--help', '| true', 0],
  ['--help', '>/dev/full', 0],
  ['--version', '>/dev/full', 0],
  ['--nonsense', '2>/dev/full', 2],
] as const) {
  test(`${args} ${printing} crashes nothing`, async (context) => {
    const script = `exec 3>&2; { "$@" ${args}; echo "code $?" >&3; } ${printing}`
    const { errors } = await runKuard(context, [], { under: ['sh', '-c', script, 'sh'] })
    assert.equal(errors, `code ${expected}\n`)
  })
}
