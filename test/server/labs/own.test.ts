/** A teacher's own labs, in the folder that --labs-dir names. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Lab } from '../../../server/features/labs/wire.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { startKuard } from '../../support/kuard.ts'
import { inWords, labFolder, labOfOne, labsOf, labText, startWithLabs } from '../../support/labs.ts'

test('a file of one’s own is a lab beside those that ship, and comes last', async (context) => {
  const kuard = await startWithLabs(context, {
    'greeting.md': labText(
      'Hello.\n\n## Say hello\n\nTo whom?\n\n```step\nrun: [echo hello]\n```\n\nTo all.',
    ),
  })
  const { labs, faults } = await labsOf(kuard)
  assert.deepEqual(faults, [])
  assert.equal(labs.at(-1)?.id, 'greeting')
  assert.ok(labs.length > 1)
  const lab = (await kuard.get('/labs/greeting')).json(Lab)
  const [step] = lab.steps
  assert.ok(step)
  assert.equal(lab.kind, 'own')
  assert.equal(lab.intro, '<p>Hello.</p>\n')
  assert.equal(step.before, '<p>To whom?</p>\n')
  assert.equal(step.after, '<p>To all.</p>\n')
  assert.deepEqual(
    step.commands.map(({ kind, run }) => [kind, run]),
    [['run', 'echo hello']],
  )
  assert.equal(step.isSeen, false)
})

test('without --labs-dir there are those that ship', async (context) => {
  const kuard = await startKuard(context)
  const { labs } = await labsOf(kuard)
  assert.ok(labs.length > 0 && labs.every(({ kind }) => kind !== 'own'))
})

test('a folder that isn’t there is a fault and a line of the log, and a server that serves all others', async (context) => {
  const folder = join(temporaryFolder(context), 'none')
  const kuard = await startKuard(context, [`--labs-dir=${folder}`])
  await kuard.logged(/--labs-dir: \S+none: .*ENOENT/)
  const { labs, faults } = await labsOf(kuard)
  assert.equal(faults[0]?.file, folder)
  assert.match(faults[0].reason, /ENOENT/)
  assert.ok(labs.length > 0)
  await labsOf(kuard)
  assert.equal(kuard.lines.filter((line) => line.includes('--labs-dir')).length, 1, 'it is said once')
})

test('a file that stands where a folder should is a fault', async (context) => {
  const file = join(labFolder(context, { 'a.md': '' }), 'a.md')
  const kuard = await startKuard(context, [`--labs-dir=${file}`])
  assert.match((await labsOf(kuard)).faults[0]?.reason ?? '', /ENOTDIR/)
})

test('of a file with faults the log tells at the start, with its line, and the rest is offered', async (context) => {
  const kuard = await startWithLabs(context, {
    'good.md': labOfOne('run: [ls]'),
    'bad.md': labOfOne('do: [05-pods/kubectl-run/runs]'),
  })
  await kuard.logged(
    /--labs-dir: bad\.md:12: no concept has 05-pods\/kubectl-run\/runs; the nearest is 05-pods\/kubectl-run\/run/,
  )
  const { labs, faults } = await labsOf(kuard)
  assert.equal(labs.at(-1)?.id, 'good')
  assert.deepEqual(
    faults.map(({ file, line }) => [file, line]),
    [['bad.md', 12]],
  )
  const answer = await kuard.get('/labs/bad')
  assert.equal(answer.status, 404)
  assert.match(answer.text, /^bad\.md:12: no concept has/)
})

/** As the kubelet mounts a ConfigMap: links to links, which all change at once. */
function mountConfigMap(folder: string, files: Readonly<Record<string, string>>): void {
  const made = mkdtempSync(join(folder, '..2026_'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(made, name), text)
  symlinkSync(made, join(folder, '..new'))
  renameSync(join(folder, '..new'), join(folder, '..data'))
  for (const name of Object.keys(files)) {
    rmSync(join(folder, name), { force: true })
    symlinkSync(join('..data', name), join(folder, name))
  }
}

test('a mounted ConfigMap is read through its links, and anew as it changes', async (context) => {
  const folder = temporaryFolder(context)
  mountConfigMap(folder, { 'mine.md': labText('## One') })
  const kuard = await startKuard(context, [`--labs-dir=${folder}`])
  const titles = async () => {
    const { labs, faults } = await labsOf(kuard)
    assert.deepEqual(faults, [])
    return labs.find(({ id }) => id === 'mine')?.steps.map(({ title }) => title)
  }
  assert.deepEqual(await titles(), ['One'])
  mountConfigMap(folder, { 'mine.md': labText('## One\n\n## Two') })
  assert.deepEqual(await titles(), ['One', 'Two'])
  assert.equal((await kuard.get('/labs/mine')).json(Lab).steps.length, 2)
  rmSync(join(folder, 'mine.md'))
  assert.equal(await titles(), undefined)
  assert.equal((await kuard.get('/labs/mine')).status, 404)
})

test('only what ends in .md counts, and only at the folder’s top', async (context) => {
  const folder = labFolder(context, {
    'notes.txt': 'no lab',
    '.hidden.md': 'no lab',
    'mine.md': labText('## One'),
  })
  mkdirSync(join(folder, 'below'))
  writeFileSync(join(folder, 'below', 'deep.md'), labText('## One'))
  const kuard = await startKuard(context, [`--labs-dir=${folder}`])
  const { labs, faults } = await labsOf(kuard)
  assert.deepEqual(faults, [])
  assert.deepEqual(
    labs.filter(({ kind }) => kind === 'own').map(({ id }) => id),
    ['mine'],
  )
})

test('names that can’t be a part of an address, and ids that are taken, are faults', async (context) => {
  const good = labText('## One')
  const long = `${'a'.repeat(150)}.md`
  const kuard = await startWithLabs(context, {
    'With Space.md': good,
    'ümlaut.md': good,
    '05-pods.md': good,
    '%2e%2e.md': good,
    [long]: good,
  })
  const { faults, labs } = await labsOf(kuard)
  const reasons = new Map(faults.map((fault) => [fault.file, fault.reason]))
  assert.deepEqual(
    [...reasons.keys()].sort(),
    ['%2e%2e.md', '05-pods.md', 'With Space.md', long, 'ümlaut.md'].sort(),
  )
  assert.match(reasons.get('05-pods.md') ?? '', /there is a lab 05-pods already/)
  assert.match(reasons.get('With Space.md') ?? '', /small letters, digits and hyphens/)
  assert.equal(labs.find(({ id }) => id === '05-pods')?.kind, 'chapter')
})

test('a file that is too large, no file, or not to be read is a fault of its own', async (context) => {
  const folder = labFolder(context, {
    'huge.md': labText('x'.repeat(300 * 1024)),
    'mine.md': labText('## One'),
    'binary.md': '\0\0\x01\xff',
    'empty.md': '',
  })
  mkdirSync(join(folder, 'folder.md'))
  symlinkSync('nowhere', join(folder, 'dangling.md'))
  symlinkSync('/dev/zero', join(folder, 'device.md'))
  const kuard = await startKuard(context, [`--labs-dir=${folder}`])
  const { labs, faults } = await labsOf(kuard)
  assert.deepEqual(
    faults.map(inWords).map((words) => words.replace(/ENOENT.*/, 'ENOENT')),
    [
      'binary.md:1: it has to begin with its fields between two lines of ---',
      'dangling.md: ENOENT',
      'device.md: it is no regular file',
      'empty.md:1: it has to begin with its fields between two lines of ---',
      'folder.md: it is no regular file',
      'huge.md: it has more than 256 KiB',
    ],
  )
  assert.equal(labs.at(-1)?.id, 'mine')
})

test('of a folder with hundreds of labs the first two hundred are read', async (context) => {
  const names = Array.from({ length: 210 }, (_, index) => `lab-${String(index).padStart(3, '0')}.md`)
  const kuard = await startWithLabs(
    context,
    Object.fromEntries(names.map((name) => [name, labText('## One')])),
  )
  const { labs, faults } = await labsOf(kuard)
  assert.equal(labs.filter(({ kind }) => kind === 'own').length, 200)
  assert.deepEqual(
    faults.map(({ file }) => file),
    names.slice(200),
  )
})

test('a large lab keeps no probe waiting', async (context) => {
  const nested = `${'> '.repeat(2_000)}deep\n\n${'[a]('.repeat(20_000)}\n\n${'*a **b '.repeat(10_000)}`
  const kuard = await startWithLabs(context, { 'odd.md': labText(`${nested}\n\n## One`) })
  const asked = kuard.get('/labs/odd')
  const began = performance.now()
  await kuard.get('/healthy')
  assert.ok(performance.now() - began < 3_000)
  assert.equal((await asked).status, 200)
})

test('--disable=labs takes them away', async (context) => {
  const kuard = await startKuard(context, ['--disable=labs'])
  assert.equal((await kuard.get('/labs/')).status, 404)
  assert.equal((await kuard.get('/events?topics=lab;of=05-pods/1')).status, 400)
})

test('what isn’t there is said to be so, in words', async (context) => {
  const kuard = await startWithLabs(context, { 'mine.md': labText('## One') })
  for (const path of ['/labs/none', '/labs/..%2f..%2fetc%2fpasswd', '/labs/mine.md', '/labs/none/steps/1']) {
    const answer = await kuard.get(path)
    assert.equal(answer.status, 404, path)
    assert.match(answer.text, /there is no such lab/)
  }
  const step = await kuard.get('/labs/mine/steps/2')
  assert.deepEqual([step.status, step.text], [404, 'the lab mine has no step 2\n'])
  assert.equal((await kuard.get('/labs/mine/steps/0')).status, 404)
  assert.equal((await kuard.get('/labs/mine/steps/x')).status, 400)
  assert.equal((await kuard.get('/labs')).status, 301)
})
