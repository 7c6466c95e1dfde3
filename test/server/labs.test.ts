/** The labs that ship with the server: each can be read, and all that it refers to is there. */
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { test } from 'node:test'
import { Lab, LabList } from '../../server/features/labs/wire.ts'
import { startKuard } from '../support/kuard.ts'
import { labFolder, labsOf, labText } from '../support/labs.ts'
import { filesIn, startWatched } from '../support/modules.ts'
import { wholeLifetime } from '../support/at-end.ts'

const kuard = await startKuard(wholeLifetime())
const list = (await kuard.get('/labs/')).json(LabList)

test('every lab in labs/ is offered, and no file of them has a fault', () => {
  assert.deepEqual(list.faults, [])
  const files = globSync('labs/*.md').map((file) => basename(file, '.md'))
  assert.deepEqual(list.labs.map(({ id }) => id).sort(), files.sort())
})

test('labs come in the book’s order, then those across it, then those that mend something', () => {
  const places = list.labs.map(
    ({ kind, chapter }) => ({ chapter: chapter ?? 0, across: 100, fix: 200, own: 300 })[kind],
  )
  assert.deepEqual(
    places,
    places.toSorted((one, other) => one - other),
  )
})

for (const { id } of list.labs)
  test(`${id} says in each step what to do, and what it showed`, async () => {
    const lab = (await kuard.get(`/labs/${id}`)).json(Lab)
    for (const step of lab.steps) {
      assert.ok(step.before !== '', step.title)
      assert.ok(
        step.commands.length > 0 || step.hints.length > 0 || !step.isSeen,
        `${step.title}: what is to be done?`,
      )
    }
  })

test('what a later concept of a lab begins with as well stays until that is over', async () => {
  const { steps } = (await kuard.get('/labs/queue')).json(Lab)
  const staying = steps.flatMap(({ number, commands }) =>
    commands.filter(({ stays }) => stays).map(({ run, until }) => ({ run, number, until })),
  )
  assert.deepEqual(staying, [{ run: 'kubectl port-forward service/queue 8080:8080', number: 1, until: 8 }])
})

test('what ships was parsed by the build: a look at it loads no parser of YAML, and the first lab of one’s own does', async (context) => {
  const { kuard, modules } = await startWatched(context)
  for (const path of ['/labs/', '/labs/05-pods', '/labs/05-pods/steps/1', '/manifests/'])
    assert.equal((await kuard.get(path)).status, 200)
  const files = filesIn(await modules())
  assert.ok(files.includes('late-labs.cjs'))
  assert.ok(!files.includes('yaml.cjs'))
  const folder = labFolder(context, { 'mine.md': labText('## One') })
  const another = await startWatched(context, [`--labs-dir=${folder}`])
  assert.deepEqual((await labsOf(another.kuard)).faults, [])
  assert.ok(filesIn(await another.modules()).includes('yaml.cjs'))
})
