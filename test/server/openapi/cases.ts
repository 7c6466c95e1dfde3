/** A request for each status that the document names for a route alone. */
import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Type } from 'typebox'
import { WebSocket } from 'ws'
import { startApiServer } from '../../support/api-server.ts'
import { atEnd } from '../../support/at-end.ts'
import { command } from '../../support/command.ts'
import { eventually } from '../../support/eventually.ts'
import { readEvents } from '../../support/event-stream.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { hasty } from '../../support/hasty.ts'
import { ask, startKuard, type Answer, type Kuard } from '../../support/kuard.ts'
import { startWithManifests } from '../../support/manifests.ts'
import { addressReply, serveDns } from '../../support/name-servers.ts'
import { startSocketServer } from '../../support/odd-server.ts'
import { startPodIn } from '../../support/pod.ts'
import { startWithResolvConf, whyNoResolvConf } from '../../support/resolv-conf.ts'

/**
 * The status that is expected, and a request that has it.
 * @param kuard with room for 400,000 bytes of messages
 */
type Case = readonly [status: number, send: (kuard: Kuard, context: TestContext) => Promise<Answer>]

const getting = (path: string): Case => [200, (kuard) => kuard.get(path)]

/** @param path where the probe is told how to answer @param asked where it is asked */
const probeCheckCases = (path: string, asked: string): Record<string, readonly Case[]> => ({
  [`GET ${asked}`]: [
    getting(asked),
    [
      500,
      async (kuard) => {
        await kuard.put(`${path}/api`, { failNext: 1 })
        return kuard.get(asked)
      },
    ],
  ],
})

const probeCases = (path: string): Record<string, readonly Case[]> => ({
  ...probeCheckCases(path, path),
  [`GET ${path}/api`]: [getting(`${path}/api`)],
  [`PUT ${path}/api`]: [
    [200, (kuard) => kuard.put(`${path}/api`, { failNext: 1 })],
    [400, (kuard) => kuard.put(`${path}/api`, { failNext: 'often' })],
  ],
})

const queue = '/memq/server/queues/work'

/** Makes sure that the queue is there, with one message. */
async function fill(kuard: Kuard): Promise<Kuard> {
  await kuard.ask('PUT', queue)
  await kuard.post(`${queue}/enqueue`, 'item')
  return kuard
}

/** Takes a message under a lease. */
async function lease(kuard: Kuard): Promise<string> {
  const answer = await (await fill(kuard)).post(`${queue}/dequeue?lease=60`)
  return answer.json(Type.Object({ lease: Type.String() })).lease
}

const leaseCases = (action: string): Record<string, readonly Case[]> => ({
  [`POST /memq/server/queues/{queue}/${action}`]: [
    [200, async (kuard) => kuard.post(`${queue}/${action}?lease=${await lease(kuard)}`)],
    [400, (kuard) => kuard.post(`${queue}/${action}`)],
    [410, (kuard) => kuard.post(`${queue}/${action}?lease=none`)],
  ],
})

const settlementCases = (action: string): Record<string, readonly Case[]> =>
  Object.fromEntries(
    Object.entries(leaseCases(action)).map(([name, all]) => [
      name,
      [
        ...all,
        [
          200,
          async (kuard) => {
            const leases = [await lease(kuard), 'none']
            return kuard.post(`${queue}/${action}`, JSON.stringify({ leases }))
          },
        ],
      ],
    ]),
  )

const metric = '/apis/external.metrics.k8s.io/v1beta1/namespaces/default'

const externalMetricCases: Record<string, readonly Case[]> = {
  'GET /apis/external.metrics.k8s.io': [getting('/apis/external.metrics.k8s.io')],
  'GET /apis/external.metrics.k8s.io/v1beta1': [getting('/apis/external.metrics.k8s.io/v1beta1')],
  'GET /apis/external.metrics.k8s.io/v1beta1/namespaces/{namespace}/{metric}': [
    [200, async (kuard) => (await fill(kuard)).get(`${metric}/memq_depth?labelSelector=queue`)],
    [400, (kuard) => kuard.get(`${metric}/memq_depth?labelSelector==`)],
    [400, (kuard) => kuard.get(`${metric}/memq_depth?labelSelector=a&labelSelector=b`)],
    [404, (kuard) => kuard.get(`${metric}/memq_length`)],
  ],
}

const memqCases: Record<string, readonly Case[]> = {
  'GET /memq/server/stats': [[200, async (kuard) => (await fill(kuard)).get('/memq/server/stats')]],
  'PUT /memq/server/queues/{queue}': [
    [200, (kuard) => kuard.ask('PUT', '/memq/server/queues/new')],
    [200, (kuard) => kuard.put('/memq/server/queues/new', { maxLength: 10 })],
    [400, (kuard) => kuard.ask('PUT', '/memq/server/queues/new')],
  ],
  'GET /memq/server/queues/{queue}/messages': [
    [200, async (kuard) => (await fill(kuard)).get(`${queue}/messages`)],
    [400, (kuard) => kuard.get('/memq/server/queues/none/messages')],
  ],
  'POST /memq/server/queues/{queue}/redrive': [
    [200, async (kuard) => (await fill(kuard)).post(`${queue}/redrive`)],
    [400, (kuard) => kuard.post('/memq/server/queues/none/redrive')],
  ],
  'DELETE /memq/server/queues/{queue}': [
    [200, async (kuard) => (await fill(kuard)).ask('DELETE', queue)],
    [400, (kuard) => kuard.ask('DELETE', '/memq/server/queues/none')],
  ],
  'POST /memq/server/queues/{queue}/drain': [
    [200, async (kuard) => (await fill(kuard)).post(`${queue}/drain`)],
    [400, (kuard) => kuard.post('/memq/server/queues/none/drain')],
  ],
  'POST /memq/server/queues/{queue}/enqueue': [
    [200, async (kuard) => (await fill(kuard)).post(`${queue}/enqueue`, 'item')],
    [200, async (kuard) => (await fill(kuard)).post(`${queue}/enqueue?batch=true`, '["one","two"]')],
    [400, (kuard) => kuard.post('/memq/server/queues/none/enqueue', 'item')],
    [
      422,
      async (kuard) => {
        const send = (body: string) =>
          kuard.ask('POST', `${queue}/enqueue`, { body, headers: { 'idempotency-key': 'a' } })
        await fill(kuard)
        await send('one')
        return send('two')
      },
    ],
    [507, async (kuard) => (await fill(kuard)).post(`${queue}/enqueue`, 'x'.repeat(1 << 19))],
  ],
  'POST /memq/server/queues/{queue}/dequeue': [
    [200, async (kuard) => (await fill(kuard)).post(`${queue}/dequeue?lease=1`)],
    [
      200,
      async (kuard) => {
        await kuard.ask('PUT', queue)
        await kuard.post(`${queue}/drain`)
        const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'a=b' }
        await kuard.ask('POST', `${queue}/enqueue`, { body: 'traced', headers })
        return kuard.post(`${queue}/dequeue`)
      },
    ],
    [200, async (kuard) => (await fill(kuard)).post(`${queue}/dequeue?lease=1&count=2`)],
    [
      204,
      async (kuard) => {
        await (await fill(kuard)).post(`${queue}/drain`)
        return kuard.post(`${queue}/dequeue`)
      },
    ],
    [400, (kuard) => kuard.post(`${queue}/dequeue?lease=soon`)],
  ],
  ...settlementCases('ack'),
  ...settlementCases('nack'),
  ...leaseCases('renew'),
}

const memoryCases: Record<string, readonly Case[]> = {
  'GET /mem/api': [getting('/mem/api')],
  'POST /mem/api/alloc': [
    [200, (kuard) => kuard.post('/mem/api/alloc?size=1000')],
    [400, (kuard) => kuard.post('/mem/api/alloc')],
    [409, clearedAllocation],
    [507, (kuard) => kuard.post(`/mem/api/alloc?size=${2n ** 60n}`)],
  ],
  'POST /mem/api/clear': [[200, (kuard) => kuard.post('/mem/api/clear')]],
}

/** Takes memory for so long that it can be cleared meanwhile. */
async function clearedAllocation(kuard: Kuard): Promise<Answer> {
  const allocation = kuard.post(`/mem/api/alloc?size=${1 << 30}`)
  let ended = false
  void allocation.finally(() => (ended = true))
  await eventually('the allocation to be cleared', async () => {
    await kuard.post('/mem/api/clear')
    return ended
  })
  return allocation
}

/** A request to a server that is shutting down. */
const whileEnding = (send: (ending: Kuard) => Promise<Answer>): Case => [
  503,
  async (_kuard, context) => {
    const ending = await startKuard(context, ['--shutdown-delay=30'])
    ending.child.kill('SIGTERM')
    await eventually('readiness to fail', async () => (await ending.get('/ready')).status === 500)
    return send(ending)
  },
]

const keyGenCases: Record<string, readonly Case[]> = {
  'GET /keygen': [getting('/keygen')],
  'PUT /keygen': [
    [200, (kuard) => kuard.put('/keygen', { enable: false, numToGen: 3 })],
    [400, (kuard) => kuard.put('/keygen', { numToGen: -1 })],
    whileEnding((ending) => ending.put('/keygen', { enable: true })),
  ],
}

const trafficCases: Record<string, readonly Case[]> = {
  'GET /traffic': [getting('/traffic')],
  'PUT /traffic': [
    [200, (kuard) => kuard.put('/traffic', { enable: false, rate: 100 })],
    [400, (kuard) => kuard.put('/traffic', { enable: true, url: 'ftp://kuard/' })],
    whileEnding((ending) => ending.put('/traffic', { enable: false })),
  ],
}

/** Each ends a server of its own. */
function panicCases(method: string): readonly Case[] {
  return [
    [202, async (_kuard, context) => (await startKuard(context)).ask(method, '/panic')],
    whileEnding((ending) => ending.ask(method, '/panic')),
  ]
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Those that take any method, by it. */
const byAnyMethod = (path: string, tried: (method: string) => readonly Case[]) =>
  Object.fromEntries(methods.map((method) => [`${method} ${path}`, tried(method)]))

/** Its answer to a handshake, after which it is left. */
async function openWebSocket(port: number): Promise<Answer> {
  const client = new WebSocket(`ws://127.0.0.1:${port}/ws/echo`)
  const [{ statusCode: status = 0, headers }] = (await once(client, 'upgrade')) as [IncomingMessage]
  client.on('error', () => undefined).terminate()
  return { status, headers, bytes: Buffer.alloc(0), text: '', json: () => assert.fail('it is no JSON') }
}

const echoCases: Record<string, readonly Case[]> = {
  ...byAnyMethod('/status/{codes}', (method) => [
    [200, (kuard) => kuard.ask(method, '/status/200')],
    [400, (kuard) => kuard.ask(method, '/status/often')],
  ]),
  ...byAnyMethod('/delay/{time}', (method) => [
    [200, (kuard) => kuard.ask(method, '/delay/0')],
    [400, (kuard) => kuard.ask(method, '/delay/long')],
  ]),
  ...byAnyMethod('/echo', (method) => [
    [202, (kuard) => kuard.ask(method, '/echo', method === 'GET' ? {} : { body: 'text' })],
    [400, (kuard) => kuard.ask(method, '/echo', { headers: { host: 'two, hosts' } })],
  ]),
  'GET /headers': [getting('/headers')],
  'POST /headers': [[200, (kuard) => kuard.post('/headers')]],
  'GET /chunked': [
    [200, async (_kuard, context) => (await startKuard(context, [], hasty(5_000, 100))).get('/chunked')],
  ],
  'GET /ws/echo': [
    [101, ({ port }) => openWebSocket(port)],
    [426, (kuard) => kuard.get('/ws/echo')],
  ],
  'GET /chunked/{time}': [getting('/chunked/0'), [400, (kuard) => kuard.get('/chunked/long')]],
}

const faultCases: Record<string, readonly Case[]> = {
  'GET /panic': panicCases('GET'),
  'POST /panic': panicCases('POST'),
  'GET /faults': [getting('/faults')],
  'DELETE /faults': [[200, (kuard) => kuard.ask('DELETE', '/faults')]],
  'PUT /faults/{kind}': [
    [200, (kuard) => kuard.put('/faults/error', { path: '/none' })],
    [400, (kuard) => kuard.put('/faults/error', { status: 200 })],
    [404, (kuard) => kuard.put('/faults/none', {})],
    whileEnding((ending) => ending.put('/faults/error', {})),
  ],
  'DELETE /faults/{kind}': [
    [200, (kuard) => kuard.ask('DELETE', '/faults/error')],
    [404, (kuard) => kuard.ask('DELETE', '/faults/none')],
  ],
}

/** Asks for a file when no more may be open. */
async function withoutDescriptors(_kuard: Kuard, context: TestContext): Promise<Answer> {
  const { child, port } = await startKuard(context)
  // A new connection could not be accepted either.
  const agent = new Agent({ keepAlive: true })
  atEnd(context, () => {
    agent.destroy()
  })
  await ask(port, 'GET', '/healthy', { agent })
  await command('prlimit', [`--pid=${child.pid}`, '--nofile=8:8'])
  return ask(port, 'GET', '/fs/etc/passwd', { agent })
}

const fileCases: Record<string, readonly Case[]> = {
  'GET /fs/{path}': [
    getting('/fs/etc/passwd'),
    getting('/fs/etc/'),
    [200, (kuard) => kuard.get('/fs/etc/', { accept: 'application/json' })],
    [206, (kuard) => kuard.get('/fs/etc/passwd', { range: 'bytes=0-1' })],
    [301, (kuard) => kuard.get('/fs/etc')],
    [
      304,
      async (kuard) => {
        const { headers } = await kuard.get('/fs/etc/passwd')
        return kuard.get('/fs/etc/passwd', { 'if-modified-since': headers['last-modified'] ?? '' })
      },
    ],
    [400, (kuard) => kuard.get('/fs/dev/null')],
    [
      403,
      async (_kuard, context) => {
        const folder = temporaryFolder(context)
        symlinkSync('/etc', join(folder, 'outside'))
        return (await startKuard(context, [`--fs-root=${folder}`])).get('/fs/outside/')
      },
    ],
    [404, (kuard) => kuard.get('/fs/missing')],
    [416, (kuard) => kuard.get('/fs/etc/passwd', { range: 'bytes=1000000000-' })],
    // Nothing of a process's memory is at address 0.
    [500, (kuard) => kuard.get('/fs/proc/self/mem')],
    [503, withoutDescriptors],
  ],
}

const manifest = '/manifests/05-pods/kuard-pod.yaml'
const manifestCases: Record<string, readonly Case[]> = {
  'GET /manifests/': [
    getting('/manifests/'),
    [200, (kuard) => kuard.get('/manifests/', { accept: 'text/html' })],
    [400, (kuard) => kuard.get('/manifests/?image=..')],
    [404, async (_kuard, context) => (await startWithManifests(context, {})).get('/manifests/')],
  ],
  'GET /manifests/{path}': [
    getting(manifest),
    [400, (kuard) => kuard.get(`${manifest}?image=..`)],
    [400, (kuard) => kuard.get(`${manifest}?namespace=..`)],
    [404, (kuard) => kuard.get('/manifests/missing.yaml')],
  ],
}

const labCases: Record<string, readonly Case[]> = {
  'GET /labs/': [getting('/labs/')],
  'GET /labs/{id}': [getting('/labs/05-pods'), [404, (kuard) => kuard.get('/labs/none')]],
  'GET /labs/{id}/steps/{step}': [
    getting('/labs/05-pods/steps/1'),
    [400, (kuard) => kuard.get('/labs/05-pods/steps/first')],
    [404, (kuard) => kuard.get('/labs/05-pods/steps/999')],
  ],
}

/** A question to a name server that knows it, of a server that asks no other. */
const asksNameServer =
  (path: string, question: string) =>
  async (_kuard: Kuard, context: TestContext): Promise<Answer> => {
    const { address } = await serveDns(context, { udp: (query) => [addressReply(query)] }, { port: 53 })
    const { kuard } = await startWithResolvConf(context, `nameserver ${address}\n`)
    return kuard.post(path, question)
  }

const dnsCases: Record<string, readonly Case[]> = {
  'POST /dns/api': [
    [200, asksNameServer('/dns/api', '{"type":"A","name":"web.test"}')],
    [400, (kuard) => kuard.post('/dns/api', '{"type":"ZZ"}')],
  ],
  'POST /dns/cost': [
    [200, asksNameServer('/dns/cost', '{"name":"web.test"}')],
    [400, (kuard) => kuard.post('/dns/cost', '{"name":"a..b"}')],
  ],
  'POST /dns/servers': [
    [200, asksNameServer('/dns/servers', '{"type":"A","name":"web.test"}')],
    [400, (kuard) => kuard.post('/dns/servers', '{"type":"A","servers":["?"]}')],
  ],
  'POST /dns/trace': [
    [200, asksNameServer('/dns/trace', '{"type":"A","name":"web.test"}')],
    [400, (kuard) => kuard.post('/dns/trace', '{"type":"ZZ"}')],
  ],
}

/** As many targets are being tried as may be, each of which says nothing. */
async function tooManyRuns(kuard: Kuard, context: TestContext): Promise<Answer> {
  let taken = 0
  const { url: target } = await startSocketServer(context, () => (taken += 1))
  const reach = () => kuard.post('/reach/api', JSON.stringify({ target, timeoutMs: 30_000 }))
  const silent = Promise.all(Array.from({ length: 16 }, reach)).catch(() => undefined)
  await eventually('all to wait', () => taken === 16)
  // They end with their server.
  void silent
  return reach()
}

const reachCases: Record<string, readonly Case[]> = {
  'POST /reach/api': [
    [200, (kuard) => kuard.post('/reach/api', JSON.stringify({ target: kuard.url }))],
    [400, (kuard) => kuard.post('/reach/api', '{"target":"ftp://kuard/"}')],
    [503, tooManyRuns],
  ],
  'GET /reach/targets': [getting('/reach/targets')],
  'PUT /reach/targets': [
    [200, (kuard) => kuard.put('/reach/targets', { targets: [kuard.url] })],
    [400, (kuard) => kuard.put('/reach/targets', { targets: ['ftp://kuard/'] })],
  ],
}

/** As many requests as may be wait for an upstream that says nothing. */
async function tooManyChains(_kuard: Kuard, context: TestContext): Promise<Answer> {
  let taken = 0
  const silent = await startSocketServer(context, () => (taken += 1))
  const kuard = await startKuard(context, [`--upstream=${silent.url}`])
  const waiting = Promise.all(Array.from({ length: 256 }, () => kuard.get('/chain'))).catch(() => undefined)
  await eventually('all to wait', () => taken === 256)
  // They end with their server.
  void waiting
  return kuard.get('/chain')
}

const chainCases: Record<string, readonly Case[]> = {
  'GET /chain': [
    [
      200,
      async (kuard, context) => {
        const upstreams = `${kuard.url},${kuard.url}/healthy,http://127.0.0.1:1`
        return (await startKuard(context, [`--upstream=${upstreams}`])).get('/chain')
      },
    ],
    [503, tooManyChains],
  ],
}

/** Routes that can't be tried on every machine, with the reason where this is one. */
export const untried: Readonly<Record<string, string | false>> = Object.fromEntries(
  Object.keys(dnsCases).map((route) => [route, whyNoResolvConf()]),
)

/** A test that has a status which takes more than a request: the file below test/server, and its name. */
type Elsewhere = readonly [file: string, name: string]

const storeAway: Readonly<Record<number, Elsewhere>> = {
  503: ['openapi/statuses.test.ts', 'every route of MemQ says when its store is away'],
}
const delayEnded: Readonly<Record<number, Elsewhere>> = {
  503: ['echo.test.ts', 'a delay that the shutdown leaves time for is waited for, and a longer one is ended'],
}

/** The statuses that another test has, by route. */
export const elsewhere: Readonly<Record<string, Readonly<Record<number, Elsewhere>>>> = Object.fromEntries([
  ...[
    ...Object.keys(memqCases),
    'GET /apis/external.metrics.k8s.io/v1beta1/namespaces/{namespace}/{metric}',
  ].map((name) => [name, storeAway] as const),
  ...methods.map((method) => [`${method} /delay/{time}`, delayEnded] as const),
  ['GET /ws/echo', { 503: ['web-sockets.test.ts', '256 are open at most, and one more is answered 503'] }],
])

/** Requests for every route; the first succeeds, and one gets 400 where the client can send something wrong. */
export const cases: Readonly<Record<string, readonly Case[]>> = {
  'GET /': [getting('/')],
  'GET /-/{path}': [getting('/-/env')],
  'GET /cluster/access': [
    [
      200,
      async (_kuard, context) =>
        (await startPodIn(context, await startApiServer(context))).kuard.get('/cluster/access'),
    ],
    [404, (kuard) => kuard.get('/cluster/access')],
    [
      502,
      async (_kuard, context) => {
        const api = await startApiServer(context)
        const { kuard } = await startPodIn(context, api)
        await api.stop()
        return kuard.get('/cluster/access')
      },
    ],
  ],
  'GET /container/api': [
    getting('/container/api'),
    [400, (kuard) => kuard.get(`/container/api?name=${'x'.repeat(256)}`)],
  ],
  'GET /request/api': [getting('/request/api')],
  'GET /version': [getting('/version')],
  'GET /env/api': [getting('/env/api')],
  ...probeCases('/healthy'),
  ...probeCases('/ready'),
  ...probeCheckCases('/healthy', '/healthz'),
  ...probeCheckCases('/healthy', '/livez'),
  ...probeCheckCases('/ready', '/readyz'),
  ...echoCases,
  ...memoryCases,
  ...memqCases,
  ...externalMetricCases,
  ...keyGenCases,
  ...trafficCases,
  ...faultCases,
  ...fileCases,
  ...manifestCases,
  ...labCases,
  ...dnsCases,
  ...reachCases,
  ...chainCases,
  'GET /events': [
    [200, (kuard) => firstEvents(kuard, '/events')],
    [400, (kuard) => kuard.get('/events?watch=')],
    [503, tooManyPaths],
  ],
  'GET /metrics': [getting('/metrics')],
  'GET /openapi.json': [getting('/openapi.json')],
}

/** Asks to watch one path more than all streams together may. */
async function tooManyPaths(_kuard: Kuard, context: TestContext): Promise<Answer> {
  const kuard = await startKuard(context)
  const paths = (stream: number) => Array.from({ length: 16 }, (_, path) => `watch=/none/${stream}/${path}`)
  for (let stream = 0; stream < 64; stream += 1)
    await readEvents(context, kuard.port, `/events?${paths(stream).join('&')}`)
  return kuard.get('/events?watch=/none')
}

/** Leaves a stream when something has come. */
function firstEvents(kuard: Kuard, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = get({ host: '127.0.0.1', port: kuard.port, path, agent: false }, (response) => {
      response.once('data', (bytes: Buffer) => {
        asked.destroy()
        const { statusCode: status = 0, headers } = response
        const text = bytes.toString()
        const json = () => assert.fail('an event stream is not JSON')
        resolve({ status, headers, bytes, text, json })
      })
    })
    asked.on('error', reject)
  })
}
