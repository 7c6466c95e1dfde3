/** What the image holds, what it says of itself, and how large it is. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import manifest from '../../package.json' with { type: 'json' }
import { image, serveContainer, startContainer, succeed } from '../support/container.ts'
import { temporaryFolder } from '../support/folder.ts'

const root = join(import.meta.dirname, '../..')

/** In bytes, for all layers of one architecture. */
const largest = { zstd: 40e6, gzip: 48e6 }

test('the image is small: every layer, compressed, is printed', async (context) => {
  const folder = temporaryFolder(context)
  const archive = join(folder, 'image.tar')
  const unpacked = join(folder, 'image')
  mkdirSync(unpacked)
  await succeed('save', '--format=docker-archive', '--output', archive, image)
  execFileSync('tar', ['-xf', archive, '-C', unpacked])
  const [{ Layers: layers }] = JSON.parse(readFileSync(join(unpacked, 'manifest.json'), 'utf8')) as [
    { Layers: string[] },
  ]
  const total = { zstd: 0, gzip: 0 }
  for (const [index, layer] of layers.entries()) {
    const sizeBy = (program: string) =>
      Number(
        execFileSync('sh', ['-c', `${program} -c < "$0" | wc -c`, join(unpacked, layer)], {
          encoding: 'utf8',
        }),
      )
    const size = { zstd: sizeBy('zstd -q -12'), gzip: sizeBy('gzip -9') }
    total.zstd += size.zstd
    total.gzip += size.gzip
    context.diagnostic(`layer ${index + 1}: ${inMegabytes(size)}`)
  }
  context.diagnostic(`the image: ${inMegabytes(total)}`)
  assert.ok(total.zstd <= largest.zstd && total.gzip <= largest.gzip, inMegabytes(total))
})

const inMegabytes = ({ zstd, gzip }: { zstd: number; gzip: number }): string =>
  `${(zstd / 1e6).toFixed(2)} MB with zstd, ${(gzip / 1e6).toFixed(2)} MB with gzip`

test('each colour is its own image, under its number too, and differs in nothing but that', async (context) => {
  const layersOf = (name: string) => succeed('image', 'inspect', '--format={{json .RootFS.Layers}}', name)
  const blue = await layersOf(image)
  const head = execFileSync('git', ['-C', root, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()
  for (const [index, colour] of ['blue', 'green', 'purple'].entries()) {
    const [name, number] = [`localhost/kuard:${colour}`, `localhost/kuard:${index + 1}`]
    assert.equal(await layersOf(name), blue)
    const ids = await Promise.all(
      [name, number].map((one) => succeed('image', 'inspect', '--format={{.Id}}', one)),
    )
    assert.equal(ids[0], ids[1])
    const container = await serveContainer(context, [], { image: number })
    assert.match(await container.log(), new RegExp(`Starting kuard version: ${manifest.version}-${colour}\n`))
    const labels = await succeed('image', 'inspect', '--format={{json .Labels}}', name)
    const { version, revision, created, title, description } = Object.fromEntries(
      Object.entries(JSON.parse(labels) as Record<string, string>).map(([label, value]) => [
        label.replace('org.opencontainers.image.', ''),
        value,
      ]),
    )
    assert.equal(version, `${manifest.version}-${colour}`)
    assert.equal(revision, head)
    assert.ok(Date.parse(created ?? '') <= Date.now(), created ?? 'no date')
    assert.deepEqual([title, description], [manifest.name, manifest.description])
  }
})

test('the image has no npm, no package manager and no sources; manifests if there are any', async (context) => {
  const container = await serveContainer(context)
  const { output } = await container.exec('find', '/', '-xdev', '-type', 'f')
  const files = output.split('\n')
  assert.ok(files.includes('/kuard') && files.includes('/usr/lib/kuard/ui/index.html'))
  const unwanted = files.filter((file) =>
    /\/(npm|npx|apt|apt-get|dpkg|yarn|corepack)$|node_modules|\.ts$|\.svelte$|\.map$/.test(file),
  )
  assert.deepEqual(unwanted, [])
  const manifests = join(root, 'manifests')
  const all = existsSync(manifests) ? readdirSync(manifests) : []
  // The page says what it says.
  const expected = all.filter((name) => name !== 'README.md').sort()
  const { output: inside } = await container.exec('ls', '-1A', '/manifests')
  assert.deepEqual(
    inside
      .split('\n')
      .filter((name) => name !== '')
      .sort(),
    expected,
  )
})

test("V8 takes the compiled code that the image brings, so it was made by the image's own Node.js", async (context) => {
  const script = `const bundle = '/usr/lib/kuard/server.'
    const source = require('node:module').wrap(fs.readFileSync(bundle + 'cjs', 'latin1'))
    const cachedData = fs.readFileSync(bundle + 'cache')
    console.log(new vm.Script(source, { filename: bundle + 'cjs', cachedData }).cachedDataRejected)`
  const container = await startContainer(context, [], { command: ['node', '-e', script] })
  assert.equal(await container.ended(), 0)
  assert.equal(await container.log(), 'false\n')
})
