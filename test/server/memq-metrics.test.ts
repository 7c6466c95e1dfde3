/** What the queues of MemQ tell Prometheus and Kubernetes' autoscalers. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import {
  APIGroup,
  APIResourceList,
  ExternalMetricValueList,
  Status,
} from '../../server/features/memq/external-metrics/wire.ts'
import { quantity } from '../../server/text/quantity.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { QueueClient, startQueue, stores } from '../support/queues.ts'

const group = '/apis/external.metrics.k8s.io'
const valuesPath = (metric: string, selector = ''): string =>
  `${group}/v1beta1/namespaces/default/${metric}${selector === '' ? '' : `?labelSelector=${encodeURIComponent(selector)}`}`

/** The metrics whose lines match, in the order in which they come. */
async function metrics(kuard: Kuard, pattern: RegExp): Promise<string[]> {
  const { text } = await kuard.get('/metrics')
  return text.split('\n').filter((line) => pattern.test(line))
}

for (const [store, start] of Object.entries(stores))
  suite(`figures of queues in ${store}`, () => {
    test('the metrics count all queues, deleted ones too', async (context) => {
      const queue = await startQueue(start, context, ['1', '2', '3', '4', '5', '6'])
      const { lease } = await queue.take()
      await queue.settle('ack', lease)
      await queue.take()
      await queue.dequeue()
      const totals = /^memq_(?!queue_)/
      assert.deepEqual(await metrics(queue.kuard, totals), [
        'memq_queues 1',
        'memq_messages{state="waiting"} 3',
        'memq_messages{state="leased"} 1',
        'memq_messages{state="delayed"} 0',
        'memq_enqueued_total 6',
        'memq_dequeued_total 2',
        'memq_drained_total 0',
        'memq_dead_total 0',
      ])
      await queue.delete()
      assert.deepEqual(await metrics(queue.kuard, totals), [
        'memq_queues 0',
        'memq_messages{state="waiting"} 0',
        'memq_messages{state="leased"} 0',
        'memq_messages{state="delayed"} 0',
        'memq_enqueued_total 6',
        'memq_dequeued_total 2',
        'memq_drained_total 4',
        'memq_dead_total 0',
      ])
      assert.deepEqual(await metrics(queue.kuard, /^memq_queue_/), [])
    })

    test('the metrics have the figures of each queue, whatever its name', async (context) => {
      const queue = new QueueClient(await start(context), 'a "b"\\')
      await queue.keepTo({ maxDeliveries: 1, deadLetter: 'dead' })
      await queue.enqueueBatch('["1","2","3","4"]')
      await queue.settle('nack', (await queue.take()).lease)
      await queue.dequeue()
      await queue.take()
      await queue.kuard.post(`${queue.path}/enqueue?delay=3600`, '5')
      const name = 'queue="a \\"b\\"\\\\"'
      await eventually(
        'the dead one to arrive',
        async () => (await new QueueClient(queue.kuard, 'dead').stats()).depth === 1,
      )
      const ofIt = (await metrics(queue.kuard, /^memq_queue_/)).filter((line) => line.includes(name))
      assert.deepEqual(ofIt.slice(0, -1), [
        `memq_queue_messages{${name},state="waiting"} 1`,
        `memq_queue_messages{${name},state="leased"} 1`,
        `memq_queue_messages{${name},state="delayed"} 1`,
        `memq_queue_enqueued_total{${name}} 5`,
        `memq_queue_dequeued_total{${name}} 1`,
        `memq_queue_drained_total{${name}} 0`,
        `memq_queue_dead_total{${name}} 1`,
      ])
      await eventually('the oldest to be a second old', async () => {
        const [line = ''] = await metrics(queue.kuard, /^memq_queue_oldest_message_age_seconds\{queue="a/)
        return Number(line.replace(/.* /, '')) >= 1
      })
    })

    test('an autoscaler finds the metrics, and reads them of the queues that it selects', async (context) => {
      const queue = await startQueue(start, context, ['1', '2', '3'])
      const { kuard } = queue
      const empty = new QueueClient(kuard, 'empty')
      await empty.create()
      await queue.take()
      await kuard.post(`${queue.path}/enqueue?delay=3600`, '4')
      const values = async (metric: string, selector?: string) =>
        (await kuard.get(valuesPath(metric, selector))).json(ExternalMetricValueList).items

      const item = { metricLabels: { queue: 'work' }, metricName: 'memq_depth', value: '2' }
      const [read, ...others] = await values('memq_depth', 'queue=work')
      assert.ok(read)
      const { timestamp, ...rest } = read
      assert.deepEqual([rest, others], [item, []])
      assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      const byQueue = async (metric: string, selector?: string) =>
        (await values(metric, selector)).map(({ metricLabels, value }) => [metricLabels.queue, value])
      assert.deepEqual(await byQueue('memq_unfinished'), [
        ['empty', '0'],
        ['work', '4'],
      ])
      assert.deepEqual(await byQueue('memq_depth', 'queue in (empty,other)'), [['empty', '0']])
      assert.deepEqual(await byQueue('memq_depth', 'queue=other'), [])
      assert.deepEqual(await byQueue('memq_oldest_message_age_seconds', 'queue=empty'), [['empty', '0']])
      await eventually('the oldest to have an age', async () => {
        const [[, age = ''] = []] = await byQueue('memq_oldest_message_age_seconds', 'queue=work')
        return /^[1-9]\d*m?$/.test(age)
      })
    })
  })

test('of more than a hundred queues the metrics name a hundred, and add the others up', async (context) => {
  const kuard = await startKuard(context)
  const named = Array.from({ length: 103 }, (_, index) => `queue-${String(index).padStart(3, '0')}`)
  for (const name of named) {
    await kuard.ask('PUT', `/memq/server/queues/${name}`)
    await kuard.post(`/memq/server/queues/${name}/enqueue`, 'x')
  }
  const lines = await metrics(kuard, /^memq_queue_messages\{.*"waiting"\}/)
  assert.equal(lines.length, 101)
  assert.deepEqual(lines.slice(99), [
    'memq_queue_messages{queue="queue-099",state="waiting"} 1',
    'memq_queue_messages{queue="(others)",state="waiting"} 3',
  ])
})

test('the API of external metrics is described as Kubernetes discovers it', async (context) => {
  const kuard = await startKuard(context)
  const only = { groupVersion: 'external.metrics.k8s.io/v1beta1', version: 'v1beta1' }
  const described = (await kuard.get(group)).json(APIGroup)
  assert.deepEqual([described.versions, described.preferredVersion], [[only], only])
  const { groupVersion, resources } = (await kuard.get(`${group}/v1beta1`)).json(APIResourceList)
  assert.equal(groupVersion, only.groupVersion)
  assert.deepEqual(
    resources.map(({ name, namespaced, verbs }) => [name, namespaced, verbs]),
    ['memq_depth', 'memq_unfinished', 'memq_oldest_message_age_seconds'].map((name) => [name, true, ['get']]),
  )
  // What the aggregator asks first, and takes a 404 of.
  for (const path of ['/apis', '/openapi/v2', '/openapi/v3'])
    assert.equal((await kuard.get(path)).status, 404)
})

test('what an autoscaler can’t have is told as the Kubernetes API tells it', async (context) => {
  const kuard = await startKuard(context)
  const away = await startKuard(context, ['--memq-store=redis://127.0.0.1:1'])
  for (const [asked, path, code, reason, words] of [
    [kuard, valuesPath('memq_length'), 404, 'NotFound', /no metric memq_length, but memq_depth,/],
    [kuard, valuesPath('memq_depth', 'queue=a=b'), 400, 'BadRequest', /labelSelector/],
    [away, valuesPath('memq_depth'), 503, 'ServiceUnavailable', /\S/],
  ] as const) {
    const answer = await asked.get(path)
    const status = answer.json(Status)
    assert.deepEqual([answer.status, status.code, status.reason], [code, code, reason])
    assert.match(status.message, words)
  }
  const without = await startKuard(context, ['--disable=memq'])
  assert.equal((await without.get(group)).status, 404)
})

for (const [value, written] of [
  [0, '0'],
  [1, '1'],
  [12.5, '12500m'],
  [0.001, '1m'],
  [0.0004, '0'],
  [999, '999'],
  [1000, '1k'],
  [1500, '1500'],
  [12_000_000, '12M'],
] as const) {
  test(`${value} is the quantity ${written}`, () => {
    assert.equal(quantity(value), written)
  })
}
