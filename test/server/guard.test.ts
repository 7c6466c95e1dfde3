/** What a page of another site can't do: ask under a name of its own, or change anything. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { hostname } from 'node:os'
import { test } from 'node:test'
import { parseHostPattern, parseOriginPattern } from '../../server/text/host-pattern.ts'
import { ProbeStatus } from '../../server/features/probe/wire.ts'
import { command } from '../support/command.ts'
import { runKuard, startKuard, type Kuard } from '../support/kuard.ts'
import { startWithResolvConf, whyNoResolvConf } from '../support/resolv-conf.ts'
import { sendRaw } from '../support/socket.ts'

const inPod = { KUBERNETES_SERVICE_HOST: '10.96.0.1' }

/** The status that a name gets, asked for from an address of this machine. */
function statusFor(kuard: Kuard, host: string, localAddress = '127.0.0.1'): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const options = { host: '127.0.0.1', localAddress, port: kuard.port, path: '/healthy', agent: false }
  request({ ...options, headers: { host } }, (response) => {
    response.resume()
    resolve(response.statusCode ?? 0)
  })
    .on('error', reject)
    .end()
  return promise
}

/** Names that a hostile page can have, in a pod or out of one. */
const hostile = [
  'evil.com',
  '127.0.0.1.evil.com',
  'localhost.evil.com',
  'localhost..',
  '[::1].evil.com',
  '[localhost]',
  'localhost@evil.com',
  'evil.com:localhost',
  'svc.evil.com',
  'x.svc.cluster.local.evil.com',
  '*',
]

/** Names that are of this machine or of nobody. */
const own = [
  'localhost',
  'localhost:80',
  'LocalHost:8080',
  'localhost.',
  'kuard.localhost',
  '127.0.0.1',
  '127.0.0.1:8080',
  '10.1.2.3:80',
  '[::1]',
  '[::1]:80',
  hostname(),
  'queue:8080',
  'queue.work.svc',
  'queue.work.svc.cluster.local.',
  '10-1-2-3.work.pod.cluster.local',
  'printer.local',
  'host.docker.internal:8080',
]

for (const [where, env] of [
  ['outside of a pod', {}],
  ['in a pod', inPod],
] as const) {
  test(`${where} a reader's browser is answered by names that nobody else can own, and no others`, async (context) => {
    const kuard = await startKuard(context, [], { env })
    for (const name of own) assert.equal(await statusFor(kuard, name), 200, name)
    for (const name of hostile) {
      const answer = await sendRaw(context, kuard.port, `GET /env/api HTTP/1.1\r\nHost: ${name}\r\n\r\n`)
      assert.equal(answer.status, 403, name)
      assert.match(answer.body, /^this server is not known as ".*" here.*--allowed-hosts/)
    }
    for (const name of ['', 'localhost, evil.com']) {
      const answer = await sendRaw(context, kuard.port, `GET /env/api HTTP/1.1\r\nHost: ${name}\r\n\r\n`)
      assert.equal(answer.status, 400, name)
    }
  })
}

test('in a pod any name is answered to a sidecar, which is no port-forward', async (context) => {
  const kuard = await startKuard(context, [], { env: inPod })
  for (const name of ['kuard.example.com', 'queue.dev']) {
    assert.equal(await statusFor(kuard, name, '127.0.0.6'), 200, name)
    assert.equal(await statusFor(kuard, name), 403, name)
  }
})

test(
  'behind a sidecar on 127.0.0.1 the names of the pod’s own namespace and cluster are answered',
  { skip: whyNoResolvConf() },
  async (context) => {
    for (const [namespace, names] of [
      ['team-1', { 'queue.team-1': 200, 'web-0.web.team-1': 200, 'queue.team-2': 403 }],
      ['default', { 'queue.default': 200 }],
      // A top-level domain, in which anyone may have a name but that of a Service.
      ['dev', { 'work-queue.dev': 200, 'evil.dev': 403, 'work-queue.evil.dev': 403 }],
    ] as const) {
      const resolvConf = `search ${namespace}.svc.k8s.example.com svc.k8s.example.com k8s.example.com example.com\n`
      const env = { ...inPod, WORK_QUEUE_SERVICE_HOST: '10.96.3.4' }
      const { kuard } = await startWithResolvConf(context, resolvConf, [], env)
      for (const [name, status] of Object.entries({
        ...names,
        [`queue.${namespace}.svc.k8s.example.com`]: 200,
        'other.place.svc.k8s.example.com': 200,
        [`${hostname()}.example.com`]: 200,
        'evil.k8s.example.com': 403,
        'evil.example.com': 403,
      }))
        assert.equal(await statusFor(kuard, name), status, `${name} in ${namespace}`)
    }
  },
)

test('a published port of a container is asked by names of its own only, whoever asks', async (context) => {
  // As Docker has it: the reader's browser has the bridge's address.
  const bridge =
    'ip link set lo up && ip address add 172.17.0.1/32 dev lo && ip address add 172.17.0.2/32 dev lo'
  const namespace = ['--map-root-user', '--net']
  const under = ['unshare', ...namespace, 'sh', '-c', `${bridge} && exec "$@"`, 'sh']
  for (const [env, statuses] of [
    [{}, { 'evil.com': 403, 'kuard.example.com': 200, '172.17.0.2': 200, localhost: 200 }],
    [inPod, { 'evil.com': 200 }],
  ] as const) {
    const kuard = await startKuard(context, ['--address=:0', '--allowed-hosts=.example.com'], { under, env })
    for (const [name, status] of Object.entries(statuses)) {
      const asked = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', '--interface', '172.17.0.1']
      const url = `http://172.17.0.2:${kuard.port}/healthy`
      const inside = ['--target', String(kuard.child.pid), '--user', '--preserve-credentials', '--net']
      const { output } = await command('nsenter', [...inside, ...asked, '-H', `Host: ${name}`, url])
      assert.equal(output, String(status), name)
    }
  }
})

test('--allowed-hosts takes names and patterns', async (context) => {
  const kuard = await startKuard(context, [
    '--allowed-hosts=kuard.example.com,Two.example.com.,.below.example.org,*.sub.example.net,bücher.example',
  ])
  for (const [name, status] of [
    ['kuard.example.com', 200],
    ['KUARD.example.com.:8080', 200],
    ['two.example.com', 200],
    ['x.kuard.example.com', 403],
    ['kuard.example.com.evil.com', 403],
    ['below.example.org', 200],
    ['a.b.below.example.org', 200],
    ['notbelow.example.org', 403],
    ['a.sub.example.net', 200],
    ['sub.example.net', 403],
    ['xn--bcher-kva.example', 200],
  ] as const)
    assert.equal(await statusFor(kuard, name), status, name)
  const open = await startKuard(context, ['--allowed-hosts=*'])
  for (const name of ['evil.com', 'x.example.com:80']) assert.equal(await statusFor(open, name), 200, name)
})

test('a pattern that can’t match is refused at the start', async (context) => {
  for (const text of ['a.*', '*x', 'http://x', 'x:80', '..', 'a..b', 'x/y', '**', '*.', 'a b', ''])
    assert.equal(parseHostPattern(text), undefined, text)
  for (const text of [
    'x.example.com',
    'ftp://x',
    'http://',
    'http://x/',
    'http://x:99999',
    'https://a.*',
    'null',
  ])
    assert.equal(parseOriginPattern(text), undefined, text)
  for (const [flag, what] of [
    ['--allowed-hosts=ok.example.com,x:80', 'host name'],
    ['--allowed-origins=x.example.com', 'origin'],
  ] as const) {
    const { code, errors } = await runKuard(context, [flag])
    assert.equal(code, 2, flag)
    assert.match(errors, new RegExp(`for "--allowed-\\w+" flag: "x.*" must be an? ${what} `))
  }
})

/** The probe that these tests would change. */
const failNext = async (kuard: Kuard) => (await kuard.get('/healthy/api')).json(ProbeStatus).failNext

test('a request names its host once, and a target in absolute form names one that is local too', async (context) => {
  const kuard = await startKuard(context)
  for (const [request, status] of [
    ['GET /healthy HTTP/1.1\r\n\r\n', 400],
    [`GET /healthy HTTP/1.1\r\nHost: localhost\r\nHost: evil.com\r\n\r\n`, 400],
    [`GET /healthy HTTP/1.1\r\nHost: evil.com\r\nHost: localhost\r\n\r\n`, 400],
    ['GET /healthy HTTP/1.0\r\n\r\n', 200],
    ['GET /healthy HTTP/1.0\r\nHost: evil.com\r\n\r\n', 403],
    [`GET http://localhost/b/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n`, 200],
    [`GET http://evil.com/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n`, 403],
    ['GET http://localhost/healthy HTTP/1.1\r\nHost: evil.com\r\n\r\n', 403],
    [`GET http://localhost@evil.com/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n`, 403],
  ] as const) {
    assert.equal((await sendRaw(context, kuard.port, request)).status, status, request)
  }
})

test('a page of another site changes nothing: Sec-Fetch-Site decides, else Origin against Host', async (context) => {
  const kuard = await startKuard(context, [
    '--allowed-origins=https://slides.example.com,http://*.example.org:30080',
  ])
  const here = `http://127.0.0.1:${kuard.port}`
  const local = { host: `127.0.0.1:${kuard.port}` }
  let count = 0
  for (const [headers, status, isRebound] of [
    [{}, 200],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ 'sec-fetch-site': 'none' }, 200],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-origin, cross-site' }, 403],
    [{ 'sec-fetch-site': '' }, 403],
    [{ ...local, origin: here }, 200],
    [{ ...local, origin: here.replace('http:', 'https:') }, 200],
    [{ ...local, origin: 'http://evil.com' }, 403],
    [{ ...local, origin: `${here}.evil.com` }, 403],
    [{ ...local, origin: 'http://127.0.0.1:1' }, 403],
    [{ ...local, origin: 'null' }, 403],
    [{ ...local, origin: '' }, 403],
    [{ ...local, origin: 'file://' }, 403],
    // Through kubectl proxy, Host is another than the page's.
    [{ ...local, 'sec-fetch-site': 'same-origin', origin: 'http://proxy.example.com' }, 200],
    [{ ...local, 'sec-fetch-site': 'cross-site', origin: here }, 403],
    // A default port is no part of a name.
    [{ host: 'localhost:80', origin: 'http://localhost' }, 200],
    [{ host: 'localhost:443', origin: 'https://localhost' }, 200],
    [{ host: 'localhost:8080', origin: 'http://localhost' }, 403],
    // Proxies drop the port of Host, or replace it and say what it was.
    [{ host: 'kuard', origin: 'http://kuard:30080' }, 200],
    [{ host: 'kuard', origin: 'http://evil:30080' }, 403],
    [
      { ...local, 'x-forwarded-host': 'kuard.example.com:30080', origin: 'http://kuard.example.com:30080' },
      200,
    ],
    [
      { ...local, 'x-forwarded-host': 'kuard.example.com, inner', origin: 'https://kuard.example.com:8443' },
      200,
    ],
    [{ ...local, 'x-forwarded-host': 'kuard.example.com', origin: 'https://evil.com' }, 403],
    [
      { ...local, 'x-forwarded-host': 'evil.com', 'sec-fetch-site': 'cross-site', origin: 'http://evil.com' },
      403,
    ],
    [{ host: 'evil.com', 'x-forwarded-host': 'localhost', origin: 'http://localhost' }, 403, 'rebound'],
    // Those that --allowed-origins names.
    [{ ...local, origin: 'https://slides.example.com' }, 200],
    [{ ...local, 'sec-fetch-site': 'cross-site', origin: 'https://slides.example.com' }, 200],
    [{ ...local, origin: 'http://slides.example.com' }, 403],
    [{ ...local, origin: 'https://slides.example.com:8443' }, 403],
    [{ ...local, origin: 'http://a.b.example.org:30080' }, 200],
  ] as const) {
    const before = await failNext(kuard)
    count += 1
    const body = JSON.stringify({ failNext: count })
    const answer = await kuard.ask('PUT', '/healthy/api', { body, headers })
    assert.equal(answer.status, status, JSON.stringify(headers))
    assert.equal(await failNext(kuard), status === 200 ? count : before)
    if (status === 403 && !isRebound) {
      assert.match(answer.text, /^a page of another site may not change anything here.*--allowed-origins/)
      if (!('sec-fetch-site' in headers)) assert.match(answer.text, /a proxy has to send .*X-Forwarded-Host/)
    }
  }
})

test('a page of another site may read what a browser lets it ask for', async (context) => {
  const kuard = await startKuard(context)
  for (const method of ['GET', 'HEAD']) {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'http://evil.com' }
    assert.equal((await kuard.ask(method, '/ready', { headers })).status, 200)
  }
})
