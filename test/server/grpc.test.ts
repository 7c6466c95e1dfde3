/** The gRPC health service, asked by a real gRPC client. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { credentials, makeGenericClientConstructor, status, type ServiceError } from '@grpc/grpc-js'
import { service } from 'grpc-health-check'
import { ProbeStatus } from '../../server/features/probe/wire.ts'
import { eventually } from '../support/eventually.ts'
import { Kuard, startKuard } from '../support/kuard.ts'

interface HealthAnswer {
  readonly status: string
}
/** The methods that the client is given by the service's definition. */
interface HealthClient {
  check(
    request: { service: string },
    callback: (error: ServiceError | null, answer?: HealthAnswer) => void,
  ): void
  watch(request: { service: string }): AsyncIterable<HealthAnswer> & NodeJS.EventEmitter & { cancel(): void }
  list(
    request: object,
    callback: (error: ServiceError | null, answer?: { statuses: Record<string, HealthAnswer> }) => void,
  ): void
  close(): void
}

function clientOf(context: TestContext, port: number): HealthClient {
  const Client = makeGenericClientConstructor(service, 'Health')
  // The definition's methods are not known to the compiler.
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure()) as unknown as HealthClient
  context.after(() => {
    client.close()
  })
  return client
}

async function startGrpc(context: TestContext, args: readonly string[] = []) {
  const kuard = await startKuard(context, ['--grpc-address=127.0.0.1:0', ...args])
  const port = Number((await kuard.logged(/Serving gRPC on 127\.0\.0\.1:(\d+)/))[1])
  return { kuard, port, client: clientOf(context, port) }
}

function check(client: HealthClient, name: string): Promise<string> {
  return new Promise((resolve, reject) => {
    client.check({ service: name }, (error, answer) => {
      if (answer) resolve(answer.status)
      else reject(error ?? new Error('no answer'))
    })
  })
}

/** Follows a service, and gathers what it is told. */
function watchService(context: TestContext, client: HealthClient, name: string) {
  const call = client.watch({ service: name })
  const told: string[] = []
  const ended = new Promise<void>((resolve) => {
    call.on('data', (answer: HealthAnswer) => told.push(answer.status))
    call.on('error', () => {
      resolve()
    })
    call.on('end', resolve)
  })
  context.after(() => {
    call.cancel()
  })
  return { told, ended }
}

for (const [name, path] of [
  ['liveness', '/healthy'],
  ['readiness', '/ready'],
] as const) {
  test(`a Check of ${name} is answered by the probe's state and counts as a call of it`, async (context) => {
    const { kuard, client } = await startGrpc(context)
    assert.equal(await check(client, name), 'SERVING')
    await kuard.put(`${path}/api`, { failNext: 2 })
    assert.equal(await check(client, name), 'NOT_SERVING')
    assert.equal((await kuard.get(path)).text, 'fail, 0 left')
    assert.equal(await check(client, name), 'SERVING')
    const { history } = (await kuard.get(`${path}/api`)).json(ProbeStatus)
    assert.deepEqual(
      history.map(({ code }) => code),
      [200, 500, 500, 200],
    )
  })

  test(`the empty service fails while ${name} does, and a Check of it counts as a call of both probes`, async (context) => {
    const { client } = await startGrpc(context, [`--${name}-fail-next=1`])
    assert.equal(await check(client, ''), 'NOT_SERVING')
    assert.equal(await check(client, ''), 'SERVING')
  })

  test(`a Watch of ${name} is told of each change once`, async (context) => {
    const { kuard, client } = await startGrpc(context)
    const { told } = watchService(context, client, name)
    await eventually('the first state', () => told.length === 1)
    await kuard.get(path)
    await kuard.put(`${path}/api`, { failNext: -1 })
    await eventually('the failure', () => told.length === 2)
    await kuard.get(path)
    await kuard.put(`${path}/api`, { failNext: 0 })
    await eventually('the recovery', () => told.length === 3)
    assert.deepEqual(told, ['SERVING', 'NOT_SERVING', 'SERVING'])
  })

  test(`with ${name} switched off its service is unknown`, async (context) => {
    const { client } = await startGrpc(context, [`--disable=${name}`, `--${name}-fail-next=-1`])
    await assert.rejects(check(client, name), { code: status.NOT_FOUND })
    assert.equal(await check(client, ''), 'SERVING')
  })
}

test('an unknown service is not found by a Check, and unknown to a Watch', async (context) => {
  const { client } = await startGrpc(context)
  await assert.rejects(check(client, 'other'), { code: status.NOT_FOUND, details: /no service "other"/ })
  const { told } = watchService(context, client, 'other')
  await eventually('an answer', () => told.length > 0)
  assert.deepEqual(told, ['SERVICE_UNKNOWN'])
})

test('List names the services and their states', async (context) => {
  const { client } = await startGrpc(context, ['--readiness-fail-next=-1'])
  const statuses = await new Promise((resolve, reject) => {
    client.list({}, (error, answer) => {
      if (answer) resolve(answer.statuses)
      else reject(error ?? new Error('no answer'))
    })
  })
  assert.deepEqual(statuses, {
    '': { status: 'NOT_SERVING' },
    liveness: { status: 'SERVING' },
    readiness: { status: 'NOT_SERVING' },
  })
})

test('on SIGTERM readiness is told to fail, then streams end and the process with them', async (context) => {
  const { kuard, port, client } = await startGrpc(context, ['--shutdown-delay=4'])
  const { told, ended } = watchService(context, client, 'readiness')
  // A client that never says a word holds nothing up.
  const silent = connect(port, '127.0.0.1').on('error', () => undefined)
  context.after(() => silent.destroy())
  await eventually('the first state', () => told.length > 0)
  const ending = kuard.terminate()
  await eventually('the failure', () => told.length === 2)
  assert.deepEqual(told, ['SERVING', 'NOT_SERVING'])
  assert.equal(await check(client, 'readiness'), 'NOT_SERVING')
  assert.equal(await check(client, 'liveness'), 'SERVING')
  await ended
  assert.deepEqual(await ending, { code: 0, signal: null })
  assert.doesNotMatch(kuard.output, /shutdown-timeout=/)
})

test('clients that speak no gRPC disturb nobody', async (context) => {
  const { client, port } = await startGrpc(context)
  for (const words of [
    'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
    '\0'.repeat(5000),
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0',
  ]) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    socket.end(words)
    socket.resume()
    await once(socket, 'close')
  }
  assert.equal(await check(client, 'liveness'), 'SERVING')
})

test('without a host every interface is served', async (context) => {
  const kuard = await startKuard(context, ['--grpc-address=:0'])
  const port = Number((await kuard.logged(/Serving gRPC on :(\d+)/))[1])
  assert.equal(await check(clientOf(context, port), 'liveness'), 'SERVING')
})

test('a gRPC address in use is a clear message and exit 1', async (context) => {
  const taken = createServer().listen(0, '127.0.0.1')
  context.after(() => taken.close())
  await once(taken, 'listening')
  const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`
  const kuard = new Kuard(context, ['--address=127.0.0.1:0', `--grpc-address=${address}`])
  assert.equal((await kuard.ended).code, 1)
  assert.ok(kuard.output.includes(`can't listen on ${address}: the address is already in use`), kuard.output)
  assert.doesNotMatch(kuard.output, /No address added/)
})
