/** Every lab, done by learners: each step is open before its commands are given, and ticks itself by what they did. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { LabSummary } from '../../../server/features/labs/wire.ts'
import { lackingHere } from '../../support/cluster-needs.ts'
import { Learner, type Onlooker } from '../../support/learner.ts'

/** Most of a lab is waiting for the cluster, so several are done at once. */
const learners = 2

/** What is said to who wants to know why it doesn't work yet, of what is broken. */
const causes: Readonly<Record<string, RegExp>> = {
  'fix-archive': /fast/,
  'fix-bakery': /:http\/health\b/,
  'fix-cafe': /menu/,
  'fix-kitchen': /requests\.cpu/,
  'fix-mill': /more memory than its limit of 16Mi/,
  'fix-painter': /kuard:blau/,
  'fix-shop': /tier=front,.*tier=frontend/,
  'fix-till': /sends port 80 to 80;.*8080/,
}

/** KUARD_TEST_LABS is a pattern for the ids of those to be tried; all, where it is not set. */
const isWanted = ({ id }: LabSummary): boolean => new RegExp(process.env.KUARD_TEST_LABS ?? '').test(id)

test(
  'each step of each lab is open before it is done, and ticked after; what is broken is said',
  { concurrency: true },
  async (context) => {
    const first = await Learner.sitDown(context)
    const { labs, faults } = await first.labs()
    assert.deepEqual(faults, [])
    const broken = labs.filter(({ kind }) => kind === 'fix').map(({ id }) => id)
    assert.deepEqual(broken, Object.keys(causes))
    // The longest first, so that no learner is left alone with one in the end.
    const waiting = labs.filter(isWanted).toSorted((one, other) => other.minutes - one.minutes)
    assert.ok(waiting.length > 0, 'no lab is wanted')
    const others = Array.from({ length: Math.min(learners, waiting.length) - 1 }, () =>
      Learner.sitDown(context),
    )
    await Promise.all([first, ...others].map(async (learner) => learnAll(context, await learner, waiting)))
  },
)

/** Does one lab after another until none waits. */
async function learnAll(context: TestContext, learner: Learner, waiting: LabSummary[]): Promise<void> {
  let current = learner
  const failed = new Set<string>()
  for (let lab = waiting.shift(); lab; lab = waiting.shift()) {
    const { id, needs } = lab
    await context.test(id, { skip: await lackingHere(needs) }, async (part) => {
      failed.add(id)
      await current.learn(part, id, whoWantsToKnow(id))
      failed.delete(id)
    })
    if (!failed.has(id)) continue
    // What a lab that came out otherwise has left would be in the way of the next.
    await current.closeViewer(context)
    current = await Learner.sitDown(context)
  }
  await current.leave(context)
}

const whoWantsToKnow = (id: string): Onlooker => ({
  isOpen: ({ solution }, { verdicts }) => {
    const why = verdicts.map((verdict) => verdict.why).join('\n')
    if (solution !== null) assert.match(why, causes[id] ?? /\w/, JSON.stringify(verdicts))
  },
})
