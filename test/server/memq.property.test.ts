/** MemQ's bookkeeping, whatever is done in whatever order: a store is held against a model of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import type { QueueStore } from '../../server/features/memq/store.ts'
import { commandsFor, names } from './memq/commands.ts'
import { emptyModel, type Flow } from './memq/model.ts'
import { assertRefused, wasRefused } from './memq/refusals.ts'
import { subjects } from './memq/stores.ts'

for (const [name, makeSubject] of Object.entries(subjects)) {
  test(`the ${name} store keeps its sums and its order, knows who tries again, and gives all room back`, async (context) => {
    const { empty, room, clock, runs } = await makeSubject(context)
    const atFirst = await room((await empty())[0])
    await fc.assert(
      fc.asyncProperty(commandsFor(clock), async (run) => {
        const [store] = await empty()
        await fc.asyncModelRun(() => ({ model: emptyModel(), real: { store, clock } }), run)
        for (const { name } of await store.stats()) await store.delete(name)
        assert.equal(await room(store), atFirst)
      }),
      { numRuns: runs },
    )
  })

  test(`the ${name} store's counters never fall, and no queue is hidden, while queues are made and deleted from all sides`, async (context) => {
    const { empty, runs } = await makeSubject(context)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(steps, { maxLength: 30 }), { minLength: 2, maxLength: 4 }),
        async (lines) => {
          const replicas = await empty()
          let working = true
          const watching = Promise.all(replicas.map((store) => watchCounters(store, () => working)))
          await Promise.all(lines.map((line, index) => work(line, replicas[index % 2] ?? replicas[0])))
          working = false
          await watching
          const [one, other] = replicas
          const stats = await one.stats()
          assert.deepEqual(await other.stats(), stats)
          for (const name of ['a', 'b']) {
            const isThere = !(await wasRefused(async () => one.drain(name)))
            assert.equal(
              stats.some((queue) => queue.name === name),
              isThere,
            )
          }
        },
      ),
      { numRuns: Math.ceil(runs / 3) },
    )
  })

  test(`the ${name} store tells who waits for a queue that is deleted that it is gone, though one of its name is made at once`, async (context) => {
    const { empty } = await makeSubject(context)
    const [store] = await empty()
    await store.create('a')
    const waiting = store.waitFor('a', { count: 1 }, 60, new AbortController().signal)
    const refused = assertRefused('queue unknown', () => waiting)
    await turn()
    // In Redis these are one call, so that whoever is told of it finds the new one.
    await Promise.all([store.delete('a'), store.create('a'), store.enqueue('a', 'kept')])
    await refused
    assert.equal((await store.totals()).waiting, 1)
  })
}

/** What someone does to queues that others make and delete meanwhile. */
const deeds = {
  create: (store, name) => store.create(name),
  'keep to': (store, name) =>
    store.create(name, {
      maxDeliveries: 1,
      deadLetter: name === 'a' ? 'b' : 'a',
      maxLength: 3,
      overflow: 'drop-oldest',
    }),
  delete: (store, name) => store.delete(name),
  drain: (store, name) => store.drain(name),
  enqueue: (store, name) => store.enqueue(name, ''),
  'enqueue two': (store, name) => store.enqueueAll(name, ['', '']),
  dequeue: (store, name) => store.dequeue(name),
  wait: (store, name) => store.waitFor(name, { count: 2 }, 60, AbortSignal.timeout(1)),
  'give back': async (store, name) => {
    const taken = await store.dequeue(name, 60)
    if (taken.kind === 'message' && taken.lease !== undefined) await store.nack(name, taken.lease)
  },
  redrive: (store, name) => store.redrive(name),
} satisfies Record<string, (store: QueueStore, name: string) => unknown>

const steps = fc.tuple(fc.constantFrom(...(Object.keys(deeds) as (keyof typeof deeds)[])), names)

async function work(
  line: readonly (readonly [keyof typeof deeds, string])[],
  store: QueueStore,
): Promise<void> {
  for (const [deed, name] of line) {
    await wasRefused(async () => deeds[deed](store, name))
    await turn()
  }
}

async function watchCounters(store: QueueStore, isOn: () => boolean): Promise<void> {
  let before: Flow = { enqueued: 0, dequeued: 0, drained: 0, dead: 0 }
  while (isOn()) {
    const now = await store.totals()
    for (const flow of ['enqueued', 'dequeued', 'drained', 'dead'] as const)
      assert.ok(now[flow] >= before[flow], `${flow} fell from ${before[flow]} to ${now[flow]}`)
    before = now
    await turn()
  }
}
