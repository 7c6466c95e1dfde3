/** How the process ends: on signals, under load, and when something doesn't let it. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import {
  Agent,
  createServer,
  get,
  request as httpRequest,
  type IncomingMessage,
  type Server,
} from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { cheapKeys } from '../support/cheap-keys.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folder.ts'
import { executable, Kuard, startKuard, type Ending, type StartOptions } from '../support/kuard.ts'
import { startTlsKuard } from '../support/tls.ts'
import { addressReply, serveDns } from '../support/name-servers.ts'
import { startWithResolvConf, whyNoResolvConf } from '../support/resolv-conf.ts'

const cleanEnd: Ending = { code: 0, signal: null }

/** A connection whose bytes a test writes itself. */
class Conversation {
  readonly socket: Socket
  received = ''
  /** Resolves when the connection is over, to the error that ended it if there was one. */
  readonly closed: Promise<Error | undefined>

  constructor(context: TestContext, socket: Socket) {
    this.socket = socket
    let cause: Error | undefined
    socket.on('error', (error) => (cause = error))
    socket.on('data', (chunk: Buffer) => (this.received += chunk.toString('latin1')))
    this.closed = new Promise((resolve) =>
      socket.once('close', () => {
        resolve(cause)
      }),
    )
    context.after(() => socket.destroy())
  }

  says(pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(`the server to answer ${pattern}`, () => pattern.exec(this.received))
  }
}

/** Opens a connection; resolves once the server can know of it. */
async function converse(context: TestContext, port: number, first = ''): Promise<Conversation> {
  const socket = connect(port, '127.0.0.1')
  const conversation = new Conversation(context, socket)
  await new Promise((resolve) => socket.once('connect', resolve))
  socket.write(first)
  return conversation
}

/** Resolves once no connection is accepted any more. */
function refusing(port: number): Promise<true> {
  return eventually('connections to be refused', async () => {
    const socket = connect(port, '127.0.0.1')
    const refused = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => {
        resolve(false)
      })
      socket.once('error', ({ message }) => {
        resolve(message.includes('ECONNREFUSED'))
      })
    })
    socket.destroy()
    return refused
  })
}

test('on SIGTERM readiness fails at once, and all else is served for --shutdown-delay', async (context) => {
  const kuard = await startKuard(context, ['--shutdown-delay=2'])
  assert.equal((await kuard.get('/ready')).status, 200)
  const asked = performance.now()
  const ending = kuard.terminate()
  await kuard.logged(/Received SIGTERM/)
  const ready = await kuard.get('/ready')
  assert.deepEqual([ready.status, ready.text], [500, 'fail, shutting down'])
  const healthy = await kuard.get('/b/healthy')
  assert.deepEqual([healthy.status, healthy.text], [200, 'ok'])
  assert.deepEqual(await ending, cleanEnd)
  assert.ok(performance.now() - asked >= 1_990)
})

test('a connection that is kept alive ends with its next answer, and an idle one with the server', async (context) => {
  const kuard = await startKuard(context, ['--shutdown-delay=2'])
  const question = 'GET /healthy HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const busy = await converse(context, kuard.port, question)
  const idle = await converse(context, kuard.port, question)
  for (const connection of [busy, idle]) {
    const [head] = await connection.says(/^HTTP\/1\.1 200[^]*ok$/)
    assert.doesNotMatch(head, /connection: close/i)
  }
  const ending = kuard.terminate()
  await kuard.logged(/Received SIGTERM/)
  busy.received = ''
  busy.socket.write(question)
  const [head] = await busy.says(/^HTTP\/1\.1 200[^]*ok$/)
  assert.match(head, /connection: close/i)
  assert.equal(await busy.closed, undefined)
  assert.equal(idle.socket.readyState, 'open')
  assert.equal(await idle.closed, undefined)
  assert.deepEqual(await ending, cleanEnd)
  assert.doesNotMatch(kuard.output, /Not everything/)
})

test('a connection that was opened ahead of any request holds nothing up', async (context) => {
  const { kuard, tlsPort } = await startTlsKuard(context, ['--shutdown-timeout=20'])
  const plain = await converse(context, kuard.port)
  const beforeHandshake = await converse(context, tlsPort)
  const tls = new Conversation(
    context,
    connectTls({ port: tlsPort, host: '127.0.0.1', rejectUnauthorized: false }),
  )
  await new Promise((resolve) => tls.socket.once('secureConnect', resolve))
  assert.deepEqual(await kuard.terminate(), cleanEnd)
  assert.doesNotMatch(kuard.output, /Not everything/)
  for (const { closed } of [plain, beforeHandshake, tls]) await closed
})

test('an upload that has begun is finished after the listener has closed', async (context) => {
  const kuard = await startKuard(context)
  await kuard.ask('PUT', '/memq/server/queues/q')
  const head = 'POST /memq/server/queues/q/enqueue HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n'
  const upload = await converse(context, kuard.port, `${head}12345`)
  await kuard.get('/healthy')
  const ending = kuard.terminate()
  await refusing(kuard.port)
  upload.socket.write('67890')
  await upload.says(/^HTTP\/1\.1 200[^]*"body":"1234567890"/)
  assert.equal(await upload.closed, undefined)
  assert.deepEqual(await ending, cleanEnd)
})

test('a download by a slow reader is finished, and its connection isn’t waited for', async (context) => {
  const folder = temporaryFolder(context)
  const size = 32 << 20
  writeFileSync(join(folder, 'big'), '')
  truncateSync(join(folder, 'big'), size)
  const kuard = await startKuard(context, [`--fs-root=${folder}`])
  const agent = new Agent({ keepAlive: true })
  context.after(() => {
    agent.destroy()
  })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port: kuard.port, path: '/fs/big', agent }, resolve).on('error', reject)
  })
  const ending = kuard.terminate()
  await refusing(kuard.port)
  let received = 0
  for await (const chunk of response) received += (chunk as Buffer).length
  assert.equal(received, size)
  assert.deepEqual(await ending, cleanEnd)
  assert.doesNotMatch(kuard.output, /Not everything/)
})

test(
  'a DNS query is answered after the listener has closed',
  { skip: whyNoResolvConf() },
  async (context) => {
    let asked = 0
    const udp = (query: Parameters<typeof addressReply>[0]) => (++asked < 3 ? [] : [addressReply(query)])
    const { address } = await serveDns(context, { udp }, { port: 53 })
    const { kuard } = await startWithResolvConf(
      context,
      `nameserver ${address}\noptions timeout:1 attempts:5\n`,
    )
    const answer = kuard.post('/dns/api', JSON.stringify({ type: 'A', name: 'web.test.' }))
    await eventually('the query', () => asked > 0)
    const ending = kuard.terminate()
    await refusing(kuard.port)
    assert.match((await answer).text, /10\.1\.2\.3/)
    assert.deepEqual(await ending, cleanEnd)
  },
)

test('a client that stalls in its headers is answered 408 while closing too, and holds nothing up after that', async (context) => {
  const kuard = await startKuard(context, ['--shutdown-timeout=60'])
  const stalled = await converse(context, kuard.port, 'GET /healthy HTTP/1.1\r\nHost: local')
  await kuard.get('/healthy')
  const asked = performance.now()
  const ending = kuard.terminate()
  await eventually('408', () => stalled.received.startsWith('HTTP/1.1 408'), 40_000)
  stalled.socket.destroy()
  assert.deepEqual(await ending, cleanEnd)
  assert.ok(performance.now() - asked < 50_000)
  assert.doesNotMatch(kuard.output, /Not everything/)
})

test('what is stuck is given up at --shutdown-timeout, with a line in the log', async (context) => {
  const kuard = await startKuard(context, ['--shutdown-timeout=1'])
  const head =
    'POST /memq/server/queues/q/enqueue HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n12345'
  await converse(context, kuard.port, head)
  await kuard.get('/healthy')
  const asked = performance.now()
  assert.deepEqual(await kuard.terminate(), cleanEnd)
  const took = performance.now() - asked
  assert.ok(took >= 990 && took < 10_000, `it took ${took} ms`)
  assert.match(kuard.output, /WARN Not everything was finished within --shutdown-timeout=1\b/)
})

test('a workload whose lease can not be given back in time does not pass for finished', async (context) => {
  const work = {
    kind: 'message',
    id: '0'.repeat(32),
    body: 'work',
    creationTimestamp: '2026-11-21T00:00:00Z',
  }
  const queue = createServer((request, response) => {
    if (request.url?.includes('dequeue'))
      response.end(JSON.stringify({ ...work, lease: '1', leaseSeconds: 30 }))
  })
  context.after(() => {
    queue.close()
    queue.closeAllConnections()
  })
  await new Promise<void>((resolve) => queue.listen(0, '127.0.0.1', resolve))
  // Every TCP listener has an AddressInfo.
  const { port } = queue.address() as AddressInfo
  const workload = ['--keygen-enable', '--keygen-exit-on-complete', '--keygen-memq-queue=q']
  const kuard = await startKuard(
    context,
    [...workload, `--keygen-memq-server=http://127.0.0.1:${port}`, '--shutdown-timeout=1'],
    cheapKeys({ untilStuck: 0 }),
  )
  await kuard.logged(/MemQ Worker starting/)
  await eventually('work to be leased', async () => (await queueConnections(queue)) > 0)
  assert.deepEqual(await kuard.terminate(), { code: 143, signal: null })
})

const queueConnections = (server: Server): Promise<number> =>
  new Promise((resolve) => {
    server.getConnections((_error, count) => {
      resolve(count)
    })
  })

test('a second signal within a second is the same one, and a later one leaves at once', async (context) => {
  const kuard = await startKuard(context, ['--shutdown-delay=600', '--shutdown-timeout=600'])
  kuard.child.kill('SIGTERM')
  await kuard.logged(/Received SIGTERM/)
  kuard.child.kill('SIGINT')
  assert.equal((await kuard.get('/healthy')).status, 200)
  await sleep(1_100)
  assert.deepEqual(await kuard.terminate(), { code: null, signal: 'SIGTERM' })
  assert.equal(kuard.lines.filter((line) => line.includes('Received')).length, 1)
})

test('SIGINT without a terminal is as SIGTERM, and SIGHUP ends the process', async (context) => {
  const [interrupted, hungUp] = [await startKuard(context), await startKuard(context)]
  interrupted.child.kill('SIGINT')
  assert.deepEqual(await interrupted.ended, cleanEnd)
  assert.match(interrupted.output, /Received SIGINT/)
  hungUp.child.kill('SIGHUP')
  assert.deepEqual(await hungUp.ended, { code: null, signal: 'SIGHUP' })
})

test('Ctrl-C at a terminal leaves at once', { skip: whyNoTerminal() }, async (context) => {
  const command = `exec '${process.execPath}' '${executable}' --address=127.0.0.1:0 --shutdown-delay=600`
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
  context.after(() => terminal.kill('SIGKILL'))
  let output = ''
  terminal.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => terminal.once('close', resolve))
  await eventually('the server to start', () => output.includes('Serving on HTTP'))
  terminal.stdin.write('\u0003')
  assert.equal(await ended, 130)
  assert.doesNotMatch(output, /Received/)
})

function whyNoTerminal(): string | false {
  return spawnSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' }).status === 0
    ? false
    : 'there is no script(1) of util-linux to make a terminal with'
}

test('a signal before it serves ends it, whenever it comes', async (context) => {
  for (const moment of [undefined, /Starting kuard/, /Config/]) {
    const kuard = new Kuard(context, ['--address=127.0.0.1:0', '--shutdown-delay=0'])
    if (moment) await kuard.logged(moment)
    const { code, signal } = await kuard.terminate()
    assert.ok(code === 0 || signal === 'SIGTERM', `it ended with ${code} ${signal}`)
  }
})

test(
  'the first process of a container ends at a second signal too',
  { skip: whyNoResolvConf() },
  async (context) => {
    const kuard = await startKuard(context, ['--shutdown-delay=600', '--shutdown-timeout=600'], {
      under: ['unshare', '--pid', '--fork', '--kill-child'],
    })
    const { pid } = kuard.child
    const first = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'))
    process.kill(first, 'SIGTERM')
    await kuard.logged(/Received SIGTERM/)
    await sleep(1_100)
    process.kill(first, 'SIGTERM')
    assert.deepEqual(await kuard.ended, { code: 143, signal: null })
  },
)

/** A workload whose key holds a thread for ever. */
function stuckKey(context: TestContext): StartOptions {
  const fifo = join(temporaryFolder(context), 'fifo')
  spawnSync('mkfifo', [fifo])
  return cheapKeys({ untilStuck: 0, fifo })
}

test('a key in the making holds nothing up: the process ends at once with its code, every line written', async (context) => {
  for (const [args, code] of [
    [[], 0],
    [['--keygen-exit-on-complete'], 143],
  ] as const) {
    const kuard = await startKuard(context, ['--keygen-enable', ...args], stuckKey(context))
    await kuard.logged(/Workload starting/)
    const begin = performance.now()
    assert.deepEqual(await kuard.terminate(), { code, signal: null })
    assert.ok(performance.now() - begin < 3_000)
    assert.match(kuard.output, /Workload exiting\n$/)
  }
})

test('where it may start no process, a key in the making holds it up for --shutdown-timeout at most', async (context) => {
  const { nodeArgs = [], ...options } = stuckKey(context)
  const permissions = ['--permission', '--allow-fs-read=*', '--allow-net']
  const kuard = await startKuard(context, ['--keygen-enable', '--shutdown-timeout=2'], {
    ...options,
    nodeArgs: [...permissions, ...nodeArgs],
  })
  await kuard.logged(/Workload starting/)
  const begin = performance.now()
  assert.deepEqual(await kuard.terminate(), { code: null, signal: 'SIGKILL' })
  assert.ok(performance.now() - begin < 5_000)
  assert.match(kuard.output, /Workload exiting\n/)
})

for (const protocol of ['http', 'https'] as const) {
  test(`under steady traffic over ${protocol} that follows readiness, SIGTERM loses no request`, async (context) => {
    const { kuard, tlsPort } = await startTlsKuard(context, ['--shutdown-delay=2'])
    const traffic = new Traffic(protocol, protocol === 'http' ? kuard.port : tlsPort)
    await kuard.ask('PUT', '/memq/server/queues/q')
    const clients = traffic.run()
    await eventually('steady traffic', () => traffic.answered > 200)
    const before = traffic.answered
    const ending = kuard.terminate()
    await clients
    assert.deepEqual(await ending, cleanEnd)
    assert.deepEqual(traffic.failures, [])
    context.diagnostic(`${before} requests before SIGTERM, ${traffic.answered - before} after it`)
    assert.ok(traffic.answered > before)
  })
}

/** Clients that send one request after the other until readiness fails, as a Service's do. */
class Traffic {
  answered = 0
  readonly failures: string[] = []
  readonly #protocol: 'http' | 'https'
  readonly #port: number
  #ready = true

  constructor(protocol: 'http' | 'https', port: number) {
    this.#protocol = protocol
    this.#port = port
  }

  /** Resolves when every client has stopped. */
  async run(): Promise<void> {
    const clients = [true, true, true, true, false, false].map((keepAlive) => this.#client(keepAlive))
    await Promise.all([this.#watchReadiness(), ...clients])
  }

  /** Probes ten times a second; what it finds reaches the clients half a second later. */
  async #watchReadiness(): Promise<void> {
    while ((await this.#ask('GET', '/ready')) === 200) await sleep(100)
    await sleep(500)
    this.#ready = false
  }

  async #client(keepAlive: boolean): Promise<void> {
    const options = { keepAlive, maxSockets: 1 }
    const agent =
      this.#protocol === 'http' ? new Agent(options) : new TlsAgent({ ...options, rejectUnauthorized: false })
    while (this.#ready) {
      for (const [method, path] of [
        ['GET', '/healthy'],
        ['POST', '/memq/server/queues/q/enqueue'],
      ] as const) {
        const status = await this.#ask(method, path, agent).catch((error: unknown) => String(error))
        if (status === 200) this.answered += 1
        else this.failures.push(`${method} ${path}: ${status}`)
      }
      await sleep(2)
    }
    agent.destroy()
  }

  #ask(method: string, path: string, agent?: Agent): Promise<number | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    const ask = this.#protocol === 'http' ? httpRequest : tlsRequest
    const options = { host: '127.0.0.1', port: this.#port, method, path, agent: agent ?? false }
    const request = ask({ ...options, rejectUnauthorized: false }, (response) => {
      response.on('error', reject)
      response.on('end', () => {
        resolve(response.statusCode)
      })
      response.resume()
    })
    request.on('error', reject)
    request.end()
    return promise
  }
}
