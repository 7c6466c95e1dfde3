/** What `npm run labs` makes: scenarios and challenges that keep to the rules of those who read them. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import { writeExports } from '../../../scripts/labs/exports.ts'
import { pod } from '../../support/api-objects.ts'
import { startApiServer } from '../../support/api-server.ts'
import { wholeLifetime } from '../../support/at-end.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { startPodIn } from '../../support/pod.ts'

const strict = { additionalProperties: false }
const text = Type.String({ minLength: 1 })

/** https://github.com/killercoda/scenario-examples: all that foreground-background-scripts-multi-step names. */
const Screen = { text, background: Type.Optional(text), foreground: Type.Optional(text) }
const Scenario = Type.Object(
  {
    title: text,
    description: text,
    details: Type.Object(
      {
        intro: Type.Object(Screen, strict),
        steps: Type.Array(Type.Object({ ...Screen, title: text, verify: Type.Optional(text) }, strict), {
          minItems: 1,
        }),
        finish: Type.Object(Screen, strict),
      },
      strict,
    ),
    backend: Type.Object({ imageid: text }, strict),
  },
  strict,
)

const Task = Type.Object(
  {
    init: Type.Optional(Type.Boolean()),
    machine: text,
    user: text,
    needs: Type.Optional(Type.Array(text)),
    timeout_seconds: Type.Integer({ minimum: 1 }),
    hintcheck: Type.Optional(text),
    run: text,
  },
  strict,
)

/** https://github.com/iximiuz/labs-content-samples: the fields of sample-challenge, within the bounds that sample-tutorial names. */
const Challenge = Type.Object(
  {
    kind: Type.Literal('challenge'),
    title: Type.String({ minLength: 10, maxLength: 120 }),
    description: Type.String({ minLength: 1, maxLength: 500 }),
    categories: Type.Array(
      Type.Enum([
        'linux',
        'networking',
        'containers',
        'kubernetes',
        'programming',
        'observability',
        'security',
        'ci-cd',
      ]),
      { minItems: 1, maxItems: 2 },
    ),
    tagz: Type.Array(text, { minItems: 1, maxItems: 5 }),
    difficulty: Type.Enum(['easy', 'medium', 'hard']),
    createdAt: Type.String({ pattern: String.raw`^\d{4}-\d\d-\d\d$` }),
    playground: Type.Object({ name: text }, strict),
    tasks: Type.Record(Type.String({ pattern: '^[a-z0-9_]+$' }), Task),
  },
  strict,
)

const folder = temporaryFolder(wholeLifetime())
const ids = writeExports(folder, 'registry.example.com/me/kuard')
const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8')

/** Has sh read scripts, without running them. */
function readBySh(paths: readonly string[]): void {
  assert.ok(paths.length > 0)
  execFileSync('sh', ['-c', 'for script; do sh -n "$script" || exit 1; done', 'sh', ...paths])
}

/** The front matter of a challenge, and what is below it. */
function partsOf(id: string) {
  const [, front = '', ...body] = read('iximiuz', id, 'index.md').split(/^---$/m)
  return { challenge: Value.Parse(Challenge, parse(front)), body: body.join('---') }
}

test('there is a scenario and a challenge of each lab', () => {
  const labs = globSync('labs/*.md').map((file) => file.slice('labs/'.length, -'.md'.length))
  assert.deepEqual(ids, labs.sort())
})

test('a scenario has every file that its index.json names, and no other', () => {
  for (const id of ids) {
    const { details } = Value.Parse(Scenario, JSON.parse(read('killercoda', id, 'index.json')))
    const screens = [details.intro, ...details.steps, details.finish]
    const named = screens.flatMap((screen) =>
      Object.entries(screen).flatMap(([field, name]) => (field === 'title' ? [] : [name])),
    )
    assert.deepEqual(readdirSync(join(folder, 'killercoda', id)).sort(), ['index.json', ...named].sort())
  }
})

test('sh can read every script', (context) => {
  readBySh(globSync('killercoda/*/*.sh', { cwd: folder }).map((path) => join(folder, path)))
  const scripts = ids.flatMap((id) => {
    const { tasks } = partsOf(id).challenge
    return Object.values(tasks).flatMap(({ run, hintcheck }) => [
      run,
      ...(hintcheck === undefined ? [] : [hintcheck]),
    ])
  })
  const own = temporaryFolder(context)
  const paths = scripts.map((script, index) => {
    const path = join(own, `${index}.sh`)
    writeFileSync(path, script)
    return path
  })
  readBySh(paths)
})

test('a challenge shows each of its tasks once, and each waits for one that is there', () => {
  for (const id of ids) {
    const { challenge, body } = partsOf(id)
    const { init_viewer: setup, ...tasks } = challenge.tasks
    assert.equal(setup?.init, true)
    const shown = Array.from(
      body.matchAll(/^::simple-task\n---\n:tasks: tasks\n:name: (\S+)\n---$/gm),
      ([, name]) => name,
    )
    assert.deepEqual(shown, Object.keys(tasks))
    for (const { needs = [] } of Object.values(tasks))
      assert.ok(needs.every((name) => name in challenge.tasks))
    // Two colons begin a component, and two end it.
    const ends = body.match(/^::$/gm)?.length ?? 0
    assert.equal(body.match(/^::[a-z-]+$/gm)?.length ?? 0, ends, id)
  }
})

test('what mends a lab is told in a file of its own, and no challenge spoils it', () => {
  for (const id of ids.filter((one) => one.startsWith('fix-'))) {
    assert.match(read('iximiuz', id, 'solution.md'), /kubectl/)
    assert.doesNotMatch(read('iximiuz', id, 'index.md'), /^## Solution/m)
  }
})

test('commands and files name the image that was given', () => {
  const [script, step] = [
    read('killercoda', '05-pods', 'setup.sh'),
    read('killercoda', '05-pods', 'step1.md'),
  ]
  assert.match(script, /image: registry\.example\.com\/me\/kuard:blue$/m)
  assert.match(step, /--image=registry\.example\.com\/me\/kuard:blue\n```\{\{exec\}\}/)
})

test('a step’s script ends with 0 once the viewer sees that it is done, and not before', async (context) => {
  const api = await startApiServer(context)
  const { kuard } = await startPodIn(context, api, { name: 'viewer' })
  const kubectl = join(temporaryFolder(context), 'kubectl')
  // As `kubectl exec viewer -- wget -qO- ADDRESS` would, in the pod.
  writeFileSync(
    kubectl,
    `#!/bin/sh\n[ "$1 $2 $3 $4 $5" = 'exec viewer -- wget -qO-' ] && exec curl -sS "http://127.0.0.1:${kuard.port}/\${6#*/}"\n`,
  )
  chmodSync(kubectl, 0o755)
  const verify = () => {
    const env = { ...process.env, PATH: `${dirname(kubectl)}:${process.env.PATH ?? ''}` }
    return spawnSync(join(folder, 'killercoda/05-pods/verify1.sh'), { env }).status
  }
  assert.notEqual(verify(), 0)
  api.put('pods', pod({ name: 'kuard' }))
  await eventually('the script to succeed', () => verify() === 0, 10_000, 200)
  const { tasks } = partsOf('05-pods').challenge
  const task = tasks.verify_step_1
  assert.ok(task && existsSync(kubectl))
  const env = { ...process.env, PATH: `${dirname(kubectl)}:${process.env.PATH ?? ''}` }
  assert.equal(spawnSync('sh', ['-c', task.run], { env }).status, 0)
  assert.match(spawnSync('sh', ['-c', task.hintcheck ?? ''], { env, encoding: 'utf8' }).stdout, /^kuard/)
})
