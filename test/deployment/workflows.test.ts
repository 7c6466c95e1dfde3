/** The workflows of GitHub Actions, as far as they can be held to anything without GitHub. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import * as Type from 'typebox'
import * as Value from 'typebox/value'
import { parse } from 'yaml'
import serverVersion from '../../package.json' with { type: 'json' }
import { goProgram } from '../../scripts/go-programs.ts'
import { imageTags } from '../../scripts/image-tags.ts'

const root = join(import.meta.dirname, '../..')
const folder = join(root, '.github/workflows')
const names = readdirSync(folder)
const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8')

test('actionlint has nothing to say of any workflow', () => {
  const paths = names.map((name) => join(folder, name))
  execFileSync(goProgram('actionlint'), ['-shellcheck=', '-pyflakes=', ...paths], { encoding: 'utf8' })
})

test('each action of others is pinned by a commit, with its version beside it, and a token may by itself read at most', () => {
  for (const name of names) {
    const text = textOf(name)
    for (const [, action = ''] of text.matchAll(/^\s*(?:- )?uses: (.+)$/gm))
      assert.match(action, /^(?:\.\/\S+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/, name)
    const { permissions, concurrency } = parse(text) as Record<string, unknown>
    assert.ok(['{}', '{"contents":"read"}'].includes(JSON.stringify(permissions)), name)
    assert.ok(concurrency !== undefined, name)
  }
})

test('a release scans each colour of the image, for each architecture that is built, signs it, and only then tags it', () => {
  const release = textOf('release.yml')
  // By itself bake would take compose.yaml as well, which has two colours.
  assert.match(release, /buildx bake -f docker-bake\.hcl /)
  const colours = imageTags.map(([colour]) => colour).sort()
  const loops = [...release.matchAll(/for colour in (.+); do/g)].map(([, words = '']) =>
    words.split(' ').sort(),
  )
  assert.deepEqual(loops, [colours, colours, colours])
  const orders = [
    'BY_DIGEST=true docker buildx bake',
    'bin/grype"',
    'bin/cosign" sign',
    'imagetools create --tag',
  ]
  const places = orders.map((order) => release.indexOf(order))
  assert.deepEqual(
    places,
    places.toSorted((one, other) => one - other),
  )
  assert.ok(!places.includes(-1))
  const platforms = /variable "PLATFORMS" \{\s+default = "(.+)"/.exec(
    readFileSync(join(root, 'docker-bake.hcl'), 'utf8'),
  )?.[1]
  const scanned = /for platform in (.+); do/.exec(release)?.[1]
  assert.equal(scanned, platforms?.replaceAll(',', ' '))
})

const Release = Type.Object({
  jobs: Type.Object({
    chart: Type.Object({
      steps: Type.Array(
        Type.Object({ name: Type.Optional(Type.String()), run: Type.Optional(Type.String()) }),
      ),
    }),
  }),
})

test('the chart that a release packages names the image of that release', (context) => {
  const { steps } = Value.Parse(Release, parse(textOf('release.yml'))).jobs.chart
  const script = steps.find(({ name }) => name?.startsWith('Package'))?.run
  assert.ok(script !== undefined)
  const clone = mkdtempSync(join(tmpdir(), 'kuard-release-'))
  context.after(() => {
    rmSync(clone, { recursive: true })
  })
  cpSync(join(root, 'charts'), join(clone, 'charts'), { recursive: true })
  mkdirSync(join(clone, 'bin'))
  symlinkSync(goProgram('helm'), join(clone, 'bin/helm'))
  const { version } = serverVersion
  const output = execFileSync('bash', ['-eo', 'pipefail', '-c', script], {
    cwd: clone,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: [join(clone, 'bin'), process.env.PATH].join(delimiter),
      REGISTRY: 'ghcr.io/me/',
      GITHUB_REF_NAME: `v${version}`,
    },
  })
  // The server, and both containers of helm test.
  assert.equal(output.match(new RegExp(`image: ghcr.io/me/kuard:${version}-blue$`, 'gm'))?.length, 3)
  assert.ok(readdirSync(clone).includes(`kuard-${version}.tgz`))
})
