/** What the chapters' concepts.yaml say, without a cluster: that it can be read, pasted and found, and what is told of a broken one. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { stringify } from 'yaml'
import { chapters, commandsRun, manifestsFolder } from '../../scripts/chapters.ts'
import { readmeText } from '../../scripts/manifests-readme.ts'
import { chapterFile, readChapter, type WholeConcept } from '../../server/features/manifests/chapter-file.ts'
import { placeOf } from '../../server/features/manifests/commands.ts'
import { command } from '../support/command.ts'
import { tabs } from '../../ui/src/tabs.ts'
import { views } from '../../ui/src/tabs/cluster/views.ts'

const all = chapters()
const concepts = all.flatMap((chapter) => chapter.concepts)

/** What is pasted into a shell, but for what applies and deletes the files. */
const commandsOf = ({ steps, cleanup }: WholeConcept) => [...steps.map(({ run }) => run), ...cleanup.run]
const commands = [...new Set(concepts.flatMap(commandsOf))]

test('README.md is what `npm run manifests` makes of them', () => {
  assert.ok(
    readFileSync(join(manifestsFolder, 'README.md'), 'utf8') === readmeText(),
    'it is out of date: npm run manifests',
  )
})

test('chapters stand in the book’s order, each in the folder of its number, and no two concepts of one have the same id', () => {
  const numbers = all.map(({ number }) => number)
  assert.deepEqual(
    numbers,
    numbers.toSorted((one, other) => one - other),
  )
  for (const { folder, number, concepts } of all) {
    assert.equal(parseInt(folder, 10), number)
    const ids = concepts.map(({ id }) => id)
    assert.deepEqual(ids, [...new Set(ids)], folder)
  }
})

test('what is to be seen in the page is in one of its tabs, in a view where the tab has some, or in its header', () => {
  const places = new Set([
    'Header',
    ...tabs.map(({ word }) => word).filter((word) => word !== 'Cluster'),
    ...views.map(({ word: view }) => placeOf({ tab: 'Cluster', view })),
  ])
  const wrong = concepts.flatMap(({ name, steps }) =>
    steps.flatMap(({ page }) =>
      page.map(placeOf).flatMap((place) => (places.has(place) ? [] : [`${name}: ${place}`])),
    ),
  )
  assert.deepEqual(wrong, [])
})

test('what goes on has something before it to go on from', () => {
  for (const { folder, concepts } of all) assert.notEqual(concepts[0]?.continues, true, folder)
})

test('what leads out of the manifests says that it needs the project, which the page can’t hand out', () => {
  const needing = concepts.filter(({ needs }) => needs.includes('a checkout of the project'))
  const leading = concepts.filter((one) => commandsOf(one).some((text) => text.includes('../..')))
  assert.deepEqual(
    leading.map(({ name }) => name),
    needing.map(({ name }) => name),
  )
})

test('tests run 95 % of the commands', () => {
  const { run, all } = commandsRun(concepts)
  assert.ok(run >= 0.95 * all, `${String(run)} of ${String(all)}`)
})

test('nothing is left to be written, and something is expected of each concept that is run', () => {
  for (const { folder } of all)
    assert.doesNotMatch(readFileSync(join(manifestsFolder, folder, chapterFile), 'utf8'), /TODO/, folder)
  assert.deepEqual(
    concepts
      .filter(
        ({ steps }) =>
          steps.some((step) => step.notRun === null) && steps.every(({ expect }) => expect.length === 0),
      )
      .map(({ name }) => name),
    [],
  )
})

for (const [shell, ...options] of [
  ['bash', '--norc'],
  ['zsh', '--no-rcs'],
] as const)
  test(`every command is one to ${shell}`, async () => {
    const check = `for command; do ${shell} ${options.join(' ')} -n -c "$command" 2>/dev/null || printf '%s\\0' "$command"; done`
    const broken = 'echo "not ended'
    const { output } = await command('sh', ['-c', check, 'sh', ...commands, broken])
    assert.deepEqual(output.split('\0'), [broken, ''])
  })

test('no command has what only GNU’s tools know, or a comment, which zsh takes for words', () => {
  const foreign = [
    /\bsed\b[^|;&]* -i(?!\.)/,
    /\bdate -d/,
    /\bgrep -\w*P/,
    /\bbase64 -w/,
    /\bxargs -r/,
    /\bsed -r/,
  ]
  const withoutQuoted = (text: string) => text.replace(/'[^']*'|"(?:[^"\\]|\\.)*"/g, '_')
  assert.deepEqual(
    commands.filter(
      (text) => foreign.some((pattern) => pattern.test(text)) || /(?:^|\s)#/m.test(withoutQuoted(text)),
    ),
    [],
  )
})

const whole = {
  chapter: 5,
  title: 'Pods',
  later: { second: 5, third: null },
  concepts: [{ id: 'a-pod', name: 'A pod', apply: ['pod.yaml'], steps: [{ run: 'kubectl get pods' }] }],
}
const paths = ['05-pods/pod.yaml']
const read = (source: string) => readChapter('05-pods', source, paths)
const [concept] = whole.concepts
const step = { run: 'kubectl get pods' }

test('what is broken is told by its file, and by the line or the place in it', () => {
  assert.equal(read(stringify(whole)).concepts.length, 1)
  const broken: readonly [string, RegExp][] = [
    ['chapter: 5\ntitle: "Pods\n', /at line 3/],
    ['chapter: 5\nchapter: 6\n', /line 2/],
    ['', /\S/],
    [stringify({ ...whole, later: undefined }), /later/],
    [stringify({ ...whole, concepts: [{ ...concept, id: 'A pod' }] }), /concepts\.0\.id/],
    [stringify({ ...whole, concepts: [concept, { ...concept, needs: ['luck'] }] }), /concepts\.1\.needs\.0/],
    [stringify({ ...whole, concepts: [{ ...concept, step: [] }] }), /concepts\.0/],
    [stringify({ ...whole, concepts: [{ ...concept, apply: ['none.yaml'] }] }), /05-pods\/none\.yaml/],
    [
      stringify({ ...whole, concepts: [{ ...concept, steps: [step, { ...step, stays: 0 }] }] }),
      /steps\.1\.stays/,
    ],
    [
      stringify({ ...whole, concepts: [{ ...concept, steps: [{ ...step, expect: [{ output: '(' }] }] }] }),
      /steps\.0\.expect\.0/,
    ],
  ]
  for (const [source, place] of broken)
    assert.throws(
      () => read(source),
      (error: Error) => {
        assert.ok(error.message.startsWith('05-pods/concepts.yaml: '), error.message)
        assert.match(error.message, place)
        return true
      },
      source,
    )
})
