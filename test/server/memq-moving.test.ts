/** What becomes of MemQ's queues while their slot moves from one node of a Redis Cluster to another. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shardKeys, shardOf } from '../../server/features/memq/redis/shards.ts'
import { DeliveredMessage } from '../../server/features/memq/wire.ts'
import { nothingYet, QueueClient, startWithStore } from '../support/queues.ts'
import { startRedisCluster } from '../support/redis.ts'

test('nothing is lost while a queue moves to another node of the cluster: it is refused until it is there', async (context) => {
  const { url, nodes } = await startRedisCluster(context)
  const queue = new QueueClient(await startWithStore(context, url), 'work')
  await queue.create()
  await queue.enqueue('one')
  await queue.settle('nack', (await queue.take()).lease)

  const key = shardKeys[shardOf(queue.name)] ?? ''
  const slot = (await nodes[0]?.cli('CLUSTER', 'KEYSLOT', key)) ?? ''
  const keys = await Promise.all(nodes.map((node) => node.cli('CLUSTER', 'GETKEYSINSLOT', slot, '100')))
  const from = nodes.find((_, index) => keys[index] !== '')
  const to = nodes.find((node) => node !== from)
  assert.ok(from && to)
  const [fromId, toId] = [await from.cli('CLUSTER', 'MYID'), await to.cli('CLUSTER', 'MYID')]
  await to.cli('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId)
  await from.cli('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId)
  // A lease would be the first of its key, which this node may not make any more; what is taken for it has left its own by then.
  const refused = await queue.dequeue(60)
  assert.equal(refused.status, 503)
  assert.match(refused.text, /is moving these queues to another node/)

  const moved = keys.flatMap((each) => each.split('\n').filter((name) => name !== ''))
  await from.cli('MIGRATE', '127.0.0.1', String(to.port), '', '0', '5000', 'KEYS', ...moved)
  assert.equal((await queue.dequeue(60)).status, 503)
  for (const node of [to, from, ...nodes]) await node.cli('CLUSTER', 'SETSLOT', slot, 'NODE', toId)
  assert.equal((await queue.dequeue(60)).json(DeliveredMessage).deliveries, 2)
  assert.deepEqual(await queue.figures(), { ...nothingYet, enqueued: 1, leased: 1 })
})
