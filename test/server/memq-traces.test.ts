/** A trace goes from who sends a message through its queue to the worker, by OpenTelemetry's conventions for messaging. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { DeliveredMessage, Message, PeekedMessages } from '../../server/features/memq/wire.ts'
import { cheapKeys } from '../support/cheap-keys.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard, type Kuard, type StartOptions } from '../support/kuard.ts'
import { startOtlpReceiver, tracedTo } from '../support/otlp.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const sender = 'b7ad6b7169203331'
const traceparent = `00-${traceId}-${sender}-01`
const queue = '/memq/server/queues/jobs'
const memq = { 'messaging.system': 'memq', 'messaging.destination.name': 'jobs' }

const keys = cheapKeys()

/** Starts a worker on the queue. */
const startWorker = (
  context: TestContext,
  server: Kuard,
  { env = {} }: StartOptions = {},
  args: string[] = [],
) =>
  startKuard(
    context,
    [
      '--keygen-enable',
      `--keygen-memq-server=${server.url}/memq/server`,
      '--keygen-memq-queue=jobs',
      ...args,
    ],
    { ...keys, env: { ...keys.env, ...env } },
  )

async function startServer(context: TestContext, options: StartOptions = {}): Promise<Kuard> {
  const server = await startKuard(context, [], options)
  await server.ask('PUT', queue)
  return server
}

const send = (server: Kuard, query = '', body = 'work') =>
  server.ask('POST', `${queue}/enqueue${query}`, { body, headers: { traceparent } })

test('the sender’s request, the sending, and the work are one trace; the worker’s requests are of its own spans', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const env = tracedTo(receiver)
  const server = await startServer(context, { env })
  const { id } = (await send(server)).json(Message)
  const worker = await startWorker(context, server, { env })

  const asked = await receiver.named('POST /memq/server/queues/:queue/enqueue')
  const sent = await receiver.named('send jobs')
  const work = await receiver.named('process jobs')
  assert.deepEqual([asked.traceId, asked.parentSpanId], [traceId, sender])
  assert.deepEqual([sent.traceId, sent.parentSpanId, sent.kind], [traceId, asked.spanId, 4])
  assert.deepEqual([work.traceId, work.parentSpanId, work.kind], [traceId, sent.spanId, 5])
  for (const [span, operation] of [
    [sent, 'send'],
    [work, 'process'],
  ] as const)
    assert.deepEqual(span.attributes, {
      ...memq,
      'messaging.operation.name': operation,
      'messaging.operation.type': operation,
      'messaging.message.id': id,
    })
  const acked = await receiver.named('POST /memq/server/queues/:queue/ack')
  assert.deepEqual([acked.traceId, acked.parentSpanId], [traceId, work.spanId])
  const [link] = work.links
  const received = await receiver.span('that the item came by', ({ spanId }) => spanId === link?.spanId)
  assert.deepEqual([received.name, received.kind], ['receive jobs', 3])
  await receiver.span(
    'of the server for it',
    ({ name, parentSpanId }) => name.endsWith('/dequeue') && parentSpanId === received.spanId,
  )
  await worker.logged(new RegExp(`Item done: SHA256:\\S+ trace=${traceId}$`, 'm'))
})

test('a batch is sent by one span, and a sending that is refused says why', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const server = await startServer(context, { env: tracedTo(receiver) })
  await send(server, '?batch=true', '["one","two"]')
  const sent = await receiver.named('send jobs')
  assert.equal(sent.attributes['messaging.batch.message_count'], 2)
  const { messages } = (await server.get(`${queue}/messages`)).json(PeekedMessages)
  const own = `00-${traceId}-${sent.spanId}-01`
  assert.deepEqual(
    messages.map((message) => message.traceparent),
    [own, own],
  )
  await server.put(queue, { maxLength: 2 })
  assert.equal((await send(server)).status, 507)
  const refused = await receiver.span('of the sending that is refused', ({ status }) => status === 2)
  await receiver.span('of its request too', ({ name, status }) => name.endsWith('/enqueue') && status === 2)
  assert.ok(refused.traceId === traceId)
})

test('without tracing the worker hands its item’s trace on, and its log names it', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const server = await startServer(context)
  await send(server)
  await server.post(`${queue}/enqueue`, 'untraced')
  const text = await startWorker(context, server, {}, ['--keygen-exit-on-complete'])
  await text.ended
  assert.match(text.output, new RegExp(`Item done: SHA256:\\S+ trace=${traceId}$`, 'm'))
  assert.match(text.output, /Item done: SHA256:\S+$/m)

  await send(server)
  const json = await startWorker(context, server, {}, ['--log-format=json'])
  const line = await eventually('the item’s line', () =>
    json.lines.find((each) => each.includes('Item done') && each.includes(traceId)),
  )
  const fields = JSON.parse(line) as Record<string, unknown>
  assert.deepEqual([fields['trace.id'], fields['span.id']], [traceId, undefined])
  assert.equal(receiver.requests.length, 0)
})

test('a message that is taken without a worker tells the trace of the sending', async (context) => {
  const receiver = await startOtlpReceiver(context)
  const server = await startServer(context, { env: tracedTo(receiver) })
  await send(server)
  const { spanId } = await receiver.named('send jobs')
  const { traceparent: told } = (await server.post(`${queue}/dequeue`)).json(DeliveredMessage)
  assert.equal(told, `00-${traceId}-${spanId}-01`)
})
