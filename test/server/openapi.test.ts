/** The OpenAPI document: valid, and kept by every route. */
import assert from 'node:assert/strict'
import { get } from 'node:http'
import { test, type TestContext } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import addFormats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { Type, type Static } from 'typebox'
import { startKuard, type Answer, type Kuard } from '../support/kuard.ts'
import { addressReply, serveDns } from '../support/name-servers.ts'
import { prefixes } from '../support/prefixes.ts'
import { startWithResolvConf, whyNoResolvConf } from '../support/resolv-conf.ts'

/** What of the document is read here. */
const Operation = Type.Object({
  operationId: Type.String(),
  tags: Type.Array(Type.String()),
  responses: Type.Record(
    Type.String(),
    Type.Object({
      description: Type.String(),
      content: Type.Optional(Type.Record(Type.String(), Type.Object({ schema: Type.Unknown() }))),
    }),
  ),
})
type Operation = Static<typeof Operation>
const Document = Type.Object({
  openapi: Type.String(),
  servers: Type.Array(Type.Object({ url: Type.String() })),
  paths: Type.Record(Type.String(), Type.Record(Type.String(), Operation)),
})

/** The status that is expected, and a request that has it. */
type Case = readonly [status: number, send: (kuard: Kuard, context: TestContext) => Promise<Answer>]

const getting = (path: string): Case => [200, (kuard) => kuard.get(path)]

const probeCases = (path: string): Record<string, readonly Case[]> => ({
  [`GET ${path}`]: [
    getting(path),
    [
      500,
      async (kuard) => {
        await kuard.put(`${path}/api`, { failNext: 1 })
        return kuard.get(path)
      },
    ],
  ],
  [`GET ${path}/api`]: [getting(`${path}/api`)],
  [`PUT ${path}/api`]: [
    [200, (kuard) => kuard.put(`${path}/api`, { failNext: 1 })],
    [400, (kuard) => kuard.put(`${path}/api`, { failNext: 'often' })],
    [403, (kuard) => kuard.ask('PUT', `${path}/api`, { headers: { 'sec-fetch-site': 'cross-site' } })],
    [413, (kuard) => kuard.put(`${path}/api`, 'x'.repeat(2 << 20))],
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

const memqCases: Record<string, readonly Case[]> = {
  'GET /memq/server/stats': [[200, async (kuard) => (await fill(kuard)).get('/memq/server/stats')]],
  'PUT /memq/server/queues/{queue}': [
    [200, (kuard) => kuard.ask('PUT', '/memq/server/queues/new')],
    [400, (kuard) => kuard.ask('PUT', '/memq/server/queues/new')],
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
    [400, (kuard) => kuard.post('/memq/server/queues/none/enqueue', 'item')],
    [507, async (kuard) => (await fill(kuard)).post(`${queue}/enqueue`, 'x'.repeat(1 << 19))],
  ],
  'POST /memq/server/queues/{queue}/dequeue': [
    [200, async (kuard) => (await fill(kuard)).post(`${queue}/dequeue?lease=1`)],
    [
      204,
      async (kuard) => {
        await (await fill(kuard)).post(`${queue}/drain`)
        return kuard.post(`${queue}/dequeue`)
      },
    ],
    [400, (kuard) => kuard.post(`${queue}/dequeue?lease=soon`)],
  ],
  ...leaseCases('ack'),
  ...leaseCases('nack'),
  ...leaseCases('renew'),
}

const memoryCases: Record<string, readonly Case[]> = {
  'GET /mem/api': [getting('/mem/api')],
  'POST /mem/api/alloc': [
    [200, (kuard) => kuard.post('/mem/api/alloc?size=1000')],
    [400, (kuard) => kuard.post('/mem/api/alloc')],
  ],
  'POST /mem/api/clear': [[200, (kuard) => kuard.post('/mem/api/clear')]],
}

const keyGenCases: Record<string, readonly Case[]> = {
  'GET /keygen': [getting('/keygen')],
  'PUT /keygen': [
    [200, (kuard) => kuard.put('/keygen', { enable: false, numToGen: 3 })],
    [400, (kuard) => kuard.put('/keygen', { numToGen: -1 })],
  ],
}

const fileCases: Record<string, readonly Case[]> = {
  'GET /fs/{path}': [
    getting('/fs/etc/passwd'),
    getting('/fs/etc/'),
    [200, (kuard) => kuard.get('/fs/etc/', { accept: 'application/json' })],
    [206, (kuard) => kuard.get('/fs/etc/passwd', { range: 'bytes=0-1' })],
    [301, (kuard) => kuard.get('/fs/etc')],
    [400, (kuard) => kuard.get('/fs/dev/null')],
    [404, (kuard) => kuard.get('/fs/missing')],
    [416, (kuard) => kuard.get('/fs/etc/passwd', { range: 'bytes=1000000000-' })],
  ],
}

const manifest = '/manifests/05-pods/kuard-pod.yaml'
const manifestCases: Record<string, readonly Case[]> = {
  'GET /manifests/': [
    getting('/manifests/'),
    [200, (kuard) => kuard.get('/manifests/', { accept: 'text/html' })],
    [400, (kuard) => kuard.get('/manifests/?image=..')],
  ],
  'GET /manifests/{path}': [
    getting(manifest),
    [400, (kuard) => kuard.get(`${manifest}?image=..`)],
    [404, (kuard) => kuard.get('/manifests/missing.yaml')],
  ],
}

const dnsCases: Record<string, readonly Case[]> = {
  'POST /dns/api': [
    [
      200,
      async (_kuard, context) => {
        const { address } = await serveDns(context, { udp: (query) => [addressReply(query)] }, { port: 53 })
        const { kuard } = await startWithResolvConf(context, `nameserver ${address}\n`)
        return kuard.post('/dns/api', '{"type":"A","name":"web.test"}')
      },
    ],
    [400, (kuard) => kuard.post('/dns/api', '{"type":"ZZ"}')],
  ],
}

/** Operations that can't be tried on every machine, with the reason where this is one. */
const untried: Record<string, string | false> = { 'POST /dns/api': whyNoResolvConf() }

/** Requests for every operation; the first succeeds, and one fails where the client can do something wrong. */
const cases: Record<string, readonly Case[]> = {
  'GET /': [getting('/')],
  'GET /-/{path}': [getting('/-/env')],
  'GET /request/api': [getting('/request/api')],
  'GET /env/api': [getting('/env/api')],
  ...probeCases('/healthy'),
  ...probeCases('/ready'),
  ...memoryCases,
  ...memqCases,
  ...keyGenCases,
  ...fileCases,
  ...manifestCases,
  ...dnsCases,
  'GET /events': [
    [200, (kuard) => firstEvents(kuard, '/events')],
    [400, (kuard) => kuard.get('/events?watch=')],
  ],
  'GET /metrics': [getting('/metrics')],
  'GET /openapi.json': [getting('/openapi.json')],
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

/** Starts a server and reads its document. */
async function startDescribed(context: TestContext, ...args: string[]) {
  const kuard = await startKuard(context, args)
  const { paths } = (await kuard.get('/openapi.json')).json(Document)
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  )
  return { kuard, operations }
}

test('the document is valid OpenAPI 3.1, under every prefix', async (context) => {
  const kuard = await startKuard(context)
  for (const prefix of prefixes) {
    const answer = await kuard.get(`${prefix}/openapi.json`)
    const document = answer.json(Type.Record(Type.String(), Type.Unknown()))
    const validator = new Validator()
    const result = await validator.validate(document)
    assert.ok(result.valid, JSON.stringify(result.errors))
    assert.equal(validator.version, '3.1')
  }
})

test('every server that the document names is this one', async (context) => {
  const kuard = await startKuard(context)
  for (const prefix of prefixes) {
    const url = `${kuard.url}${prefix}/openapi.json`
    const { servers } = (await kuard.get(`${prefix}/openapi.json`)).json(Document)
    for (const server of servers) {
      const base = new URL(server.url, url).pathname.replace(/\/$/, '')
      assert.equal((await kuard.get(`${base}/healthy`)).status, 200)
    }
  }
})

test('no two operations have the same name, and each belongs to a feature', async (context) => {
  const { operations } = await startDescribed(context)
  const names = operations.map(({ operation }) => operation.operationId)
  assert.equal(new Set(names).size, names.length)
  for (const { name, operation } of operations) assert.equal(operation.tags.length, 1, name)
})

test('what is switched off is not described', async (context) => {
  const { operations } = await startDescribed(context, '--disable=memq')
  assert.ok(operations.some(({ name }) => name === 'GET /healthy'))
  assert.ok(!operations.some(({ name }) => name.includes('memq')))
})

test('every route answers as the document says', async (context) => {
  const { kuard, operations } = await startDescribed(context, '--memq-max-bytes=400000')
  assert.deepEqual(operations.map(({ name }) => name).sort(), Object.keys(cases).sort())
  for (const { name, operation } of operations) {
    await context.test(name, { skip: untried[name] ?? false }, async (operationTest) => {
      const [success, ...failures] = cases[name] ?? []
      assert.ok(success && success[0] < 400, 'the first request succeeds')
      assert.ok(!('400' in operation.responses) || failures.length > 0, 'a bad request is tried')
      for (const [status, send] of [success, ...failures]) {
        const answer = await send(kuard, operationTest)
        assert.equal(answer.status, status, answer.text)
        assertDescribed(operation, answer)
      }
    })
  }
})

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true })
addFormats.default(ajv)

/** Holds an answer against what its operation says of the status: no body, or one of a type and of a schema's shape. */
function assertDescribed({ responses }: Operation, { status, headers, text }: Answer): void {
  const response = responses[status]
  assert.ok(response, `${status} is not described`)
  if (!response.content) {
    assert.equal(text, '')
    return
  }
  const type = String(headers['content-type']).replace(/;.*/, '')
  const media = response.content[type] ?? response.content['*/*']
  assert.ok(media, `${type} is not described, but ${Object.keys(response.content).join()}`)
  const validate = ajv.compile(media.schema as object)
  assert.ok(validate(type === 'application/json' ? JSON.parse(text) : text), ajv.errorsText(validate.errors))
}
