/** Dead letters, redrive and waiting, where three pods of MemQ share a Redis and each call is of another pod. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DeliveredMessage, PeekedMessages, Redriven } from '../../../server/features/memq/wire.ts'
import { makeNamespace, type Forward } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { hasRedis } from './queue.ts'

const mail = '/memq/server/queues/mail'
const dead = `${mail}-dead`

/** Takes a message, and waits for one where there is none yet. */
async function take(pod: Forward): Promise<DeliveredMessage> {
  const answer = await eventually('a message', async () => {
    const taken = await pod.post(`${mail}/dequeue?lease=60&wait=20`)
    assert.ok(taken.status === 200 || taken.status === 204, taken.text)
    return taken.status === 200 && taken
  })
  return answer.json(DeliveredMessage)
}

async function giveBack(pod: Forward, { lease = '' }: DeliveredMessage): Promise<void> {
  const { status, text } = await pod.post(`${mail}/nack?lease=${lease}`)
  assert.equal(status, 200, text)
}

/** What lies in the dead-letter queue, once something does. */
const deadAt = (pod: Forward) =>
  eventually('a dead letter', async () => {
    const { messages } = (await pod.get(`${dead}/messages`)).json(PeekedMessages)
    return messages[0]
  })

test('a message that pods of MemQ hand out by turns is dead for all of them, and one of them sends it back to who waits at another', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('10-jobs/queue-redis.yaml', '10-jobs/memq-redis.yaml')
  await namespace.wait('deployment/memq', 'jsonpath={.status.readyReplicas}=3', 240)
  const names = await namespace.names('pods', 'app=memq,component=server')
  const [one, two, three] = await Promise.all(names.map((name) => namespace.forward(`pod/${name}`)))
  assert.ok(one && two && three)
  await Promise.all([one, two, three].map(hasRedis))

  await one.put(mail, { maxDeliveries: 2, deadLetter: 'mail-dead' })
  // The first waits at one pod, and another is given it.
  const [first] = await Promise.all([take(two), three.post(`${mail}/enqueue`, 'poison')])
  assert.deepEqual([first.body, first.deliveries], ['poison', 1])
  await giveBack(three, first)
  const second = await take(one)
  assert.deepEqual([second.id, second.deliveries], [first.id, 2])
  await giveBack(two, second)

  for (const pod of [one, two, three]) {
    const letter = await deadAt(pod)
    assert.deepEqual([letter.dead?.queue, letter.dead?.id, letter.dead?.deliveries], ['mail', first.id, 2])
    assert.deepEqual(
      letter.life.map(({ event }) => event),
      ['enqueued', 'delivered', 'returned', 'delivered', 'returned', 'dead'],
    )
  }

  const [again, redriven] = await Promise.all([take(three), one.post(`${dead}/redrive`)])
  assert.equal(redriven.json(Redriven).moved, 1)
  assert.deepEqual([again.body, again.deliveries, again.dead], ['poison', 1, undefined])
  const { status, text } = await two.post(`${mail}/ack?lease=${again.lease ?? ''}`)
  assert.equal(status, 200, text)
})
