/** How the image gets to a cluster, and how another image takes its place: the two scripts, with stand-ins for the programs that they call. */
import assert from 'node:assert/strict'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { imageTags, namesInNodes } from '../../scripts/image-tags.ts'
import { Image } from '../../server/features/manifests/image.ts'
import { command } from '../support/command.ts'
import { temporaryFolder } from '../support/folder.ts'

const root = join(import.meta.dirname, '../..')
const script = join(root, 'scripts/bring-images.sh')
/** All that the script needs beside the programs that there are stand-ins for. */
const tools = ['sh', 'cat', 'dirname', 'grep', 'mktemp', 'rm']

/** What stands in for a program says its own name and takes everything, unless told otherwise. */
const standIns = {
  docker: 'case $1 in --version) echo "Docker version 28.2.2, build e6534b4" ;; esac',
  podman: 'case $1 in --version) echo "podman version 5.4.2" ;; info) echo arm64 ;; esac',
  kind: 'case $2 in clusters) echo kind; echo other ;; esac',
  minikube: '',
  k3d: '',
}
type Program = keyof typeof standIns

/** Runs the script where there are only these programs. */
async function bringImages(
  context: TestContext,
  programs: Partial<Record<Program, string>>,
  words: readonly string[],
  variables: Readonly<Record<string, string>> = {},
) {
  const folder = temporaryFolder(context)
  const bin = join(folder, 'bin')
  const calls = join(folder, 'calls')
  const temporary = join(folder, 'temporary')
  mkdirSync(bin)
  mkdirSync(temporary)
  writeFileSync(calls, '')
  for (const tool of tools) {
    const path = ['/usr/bin', '/bin'].map((place) => join(place, tool)).find((path) => existsSync(path))
    assert.ok(path, tool)
    symlinkSync(path, join(bin, tool))
  }
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>"$CALLS"\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  const env = { PATH: bin, CALLS: calls, TMPDIR: temporary, ...variables }
  const { code, output, errors } = await command('/usr/bin/env', [
    '-i',
    ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    'sh',
    script,
    ...words,
  ])
  assert.deepEqual(readdirSync(temporary), [])
  const called = readFileSync(calls, 'utf8')
    .replaceAll(/\S*\/kuard\.tar/g, 'ARCHIVE')
    .split('\n')
    .filter((line) => line !== '' && !line.endsWith(' --version'))
  return { code, output, errors, called }
}

/** @param names without tags */
const allNames = (...names: string[]): string[] =>
  imageTags.flatMap(([colour, number]) => names.flatMap((name) => [`${name}:${colour}`, `${name}:${number}`]))

const builds = (...names: string[]): string[] =>
  imageTags.map(
    ([colour, number]) =>
      `docker build --target ${colour} ${names.map((name) => `--tag ${name}:${colour} --tag ${name}:${number}`).join(' ')} .`,
  )

const book = 'gcr.io/kuar-demo/kuard-amd64'

test('the tags are those of the Dockerfile’s stages and of docker-bake.hcl, and of the book', () => {
  assert.deepEqual(imageTags, [
    ['blue', '1'],
    ['green', '2'],
    ['purple', '3'],
  ])
  const text = (path: string) => readFileSync(join(root, path), 'utf8')
  for (const [colour, number] of imageTags) {
    assert.match(text('Dockerfile'), new RegExp(`^FROM kuard AS ${colour}$`, 'm'))
    assert.match(text('docker-bake.hcl'), new RegExp(`colour = "${colour}", number = "${number}"`))
  }
  assert.ok(namesInNodes.includes(book))
})

const loads: readonly (readonly [words: string[], asked: string, loads: string])[] = [
  [['kind'], 'kind get clusters', 'kind load image-archive --name=kind ARCHIVE'],
  [['kind', 'other'], 'kind get clusters', 'kind load image-archive --name=other ARCHIVE'],
  [['minikube'], 'minikube status --profile=minikube', 'minikube image load --profile=minikube ARCHIVE'],
  [['minikube', 'two'], 'minikube status --profile=two', 'minikube image load --profile=two ARCHIVE'],
  [['k3d'], 'k3d cluster list k3s-default', 'k3d image import --cluster=k3s-default ARCHIVE'],
  [['k3d', 'two'], 'k3d cluster list two', 'k3d image import --cluster=two ARCHIVE'],
]
for (const [words, asked, loaded] of loads)
  test(`${words.join(' ')}: it is built by docker under every name, and loaded`, async (context) => {
    const { code, output, errors, called } = await bringImages(context, standIns, words)
    assert.deepEqual({ code, errors }, { code: 0, errors: '' })
    assert.deepEqual(called, [
      asked,
      'docker info',
      ...builds('kuard', book),
      `docker save --output ARCHIVE ${allNames('kuard', book).join(' ')}`,
      loaded,
    ])
    for (const name of allNames('kuard', book)) assert.ok(output.includes(`  ${name}\n`), name)
  })

test('kind’s own variable names its cluster', async (context) => {
  const { called } = await bringImages(context, standIns, ['kind'], { KIND_CLUSTER_NAME: 'other' })
  assert.equal(called.at(-1), 'kind load image-archive --name=other ARCHIVE')
})

test('podman builds where docker is missing or has no daemon, or where it is named, under the names that a node looks for', async (context) => {
  const { podman, kind } = standIns
  const without = { ...standIns, docker: 'echo no daemon; exit 1' }
  for (const [programs, variables] of [
    [{ podman, kind }, {}],
    [without, {}],
    [standIns, { DOCKER: 'podman' }],
  ] as const) {
    const { code, called } = await bringImages(context, programs, ['kind'], variables)
    assert.equal(code, 0)
    const platform = '--platform linux/arm64 --build-arg BUILDPLATFORM=linux/arm64'
    assert.deepEqual(
      called.filter((line) => !line.includes(' info')),
      [
        'kind get clusters',
        ...builds(...namesInNodes).map((line) =>
          line.replace('docker build', 'podman build').replace(/(--target \w+) /, `$1 ${platform} `),
        ),
        `podman save --multi-image-archive --output ARCHIVE ${allNames(...namesInNodes).join(' ')}`,
        'kind load image-archive --name=kind ARCHIVE',
      ],
    )
  }
})

test('docker: it is built, and brought nowhere else', async (context) => {
  const { code, called } = await bringImages(context, standIns, ['docker'])
  assert.equal(code, 0)
  assert.deepEqual(called, ['docker info', ...builds('kuard', book)])
})

test('registry: it is pushed under the registry’s name, and how to have that used is said', async (context) => {
  const { code, output, called } = await bringImages(context, standIns, ['registry', 'localhost:5000/me/'])
  assert.equal(code, 0)
  const name = 'localhost:5000/me/kuard'
  assert.deepEqual(called, [
    'docker info',
    ...builds(name),
    ...allNames(name).map((image) => `docker push ${image}`),
  ])
  assert.match(output, /sh scripts\/use-image\.sh localhost:5000\/me\/kuard\n/)
})

test('what it does not understand it refuses, with what it does', async (context) => {
  for (const [words, reason] of [
    [[], 'Where the image is to be brought has to be said.'],
    [['swarm'], 'swarm is nothing that this knows a way to.'],
    [['registry'], 'A registry needs its name'],
    [['registry', 'a b'], 'A registry needs its name'],
    [['kind', 'one', 'two'], 'That is one word too many.'],
    [['docker', 'one'], 'docker takes no name.'],
  ] as const) {
    const { code, output, errors, called } = await bringImages(context, standIns, words)
    assert.deepEqual({ code, output, called }, { code: 2, output: '', called: [] })
    assert.ok(errors.startsWith(reason), errors)
    assert.match(errors, /sh scripts\/bring-images\.sh minikube \[PROFILE\]/)
  }
  const help = await bringImages(context, {}, ['--help'])
  assert.equal(help.code, 0)
  for (const place of ['kind', 'minikube', 'k3d', 'docker', 'registry'])
    assert.match(help.output, new RegExp(`^ {2}sh scripts/bring-images\\.sh ${place} `, 'm'))
})

test('what is missing or does not answer it names before it builds anything', async (context) => {
  const { docker, podman } = standIns
  const broken = (words: string) => `echo ${words} >&2; exit 1`
  const cases: readonly (readonly [Parameters<typeof bringImages>[1], string[], RegExp, object?])[] = [
    [{ docker }, ['kind'], /^kind is not installed/],
    [{ docker }, ['minikube'], /^minikube is not installed/],
    [{ docker }, ['k3d'], /^k3d is not installed/],
    [{}, ['docker'], /^The image is built by docker or podman, which is not installed/],
    [{ docker: broken('no-daemon') }, ['docker'], /docker does not answer:\nno-daemon/],
    [
      { docker: broken('no-daemon'), podman: broken('no-storage') },
      ['docker'],
      /no-daemon\npodman does not answer:\nno-storage/,
    ],
    [{ podman }, ['docker'], /^The image is built by docker, which is not installed/, { DOCKER: 'docker' }],
    [
      { docker, kind: 'echo No kind clusters found. >&2' },
      ['kind'],
      /no cluster called kind[^]*kind create cluster/,
    ],
    [{ docker, kind: 'echo kind' }, ['kind', 'kin'], /no cluster called kin\b/],
    [{ docker, kind: broken('no-provider') }, ['kind'], /which clusters there are:\nno-provider/],
    [{ docker, minikube: broken('stopped') }, ['minikube'], /does not run:\nstopped[^]*minikube start/],
    [{ docker, k3d: broken('none') }, ['k3d'], /no cluster called k3s-default:\nnone[^]*k3d cluster create/],
  ]
  for (const [programs, words, reason, variables = {}] of cases) {
    const { code, errors, called } = await bringImages(context, programs, words, { ...variables })
    assert.equal(code, 1, errors)
    assert.match(errors, reason)
    assert.deepEqual(
      called.filter((line) => / (build|save|load|import) /.test(line)),
      [],
    )
  }
})

test('a build, a push or a load that fails ends it there', async (context) => {
  const failing = (word: string) => `${standIns.docker}\ncase $1 in ${word}) echo broken >&2; exit 3 ;; esac`
  for (const [programs, words, last] of [
    [{ ...standIns, docker: failing('build') }, ['docker'], /^docker build --target blue /],
    [{ ...standIns, docker: failing('save') }, ['kind'], /^docker save /],
    [{ ...standIns, docker: failing('push') }, ['registry', 'here'], /^docker push here\/kuard:blue$/],
    [{ ...standIns, minikube: 'case $1 in image) exit 3 ;; esac' }, ['minikube'], /^minikube image load /],
  ] as const) {
    const { code, output, called } = await bringImages(context, programs, words)
    assert.equal(code, 3)
    assert.match(called.at(-1) ?? '', last)
    assert.doesNotMatch(output, /ready/)
  }
})

/** A checkout with nothing but what the script touches. */
function checkout(context: TestContext) {
  const folder = temporaryFolder(context)
  for (const part of ['manifests', 'scripts/use-image.sh'])
    cpSync(join(root, part), join(folder, part), { recursive: true })
  const files = () =>
    globSync('manifests/**/*', { cwd: folder, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
  return {
    folder,
    useImage: (...words: string[]) => command('sh', [join(folder, 'scripts/use-image.sh'), ...words]),
    texts: () => new Map(files().map((path) => [path, readFileSync(path, 'utf8')])),
  }
}

/** What image.ts makes of a file. */
function rewritten(path: string, text: string, image: string): string {
  if (/(?:concepts\.yaml|README\.md)$/.test(path)) return new Image(image).inCommand(text)
  return path.endsWith('.yaml') ? new Image(image).inManifest(text) : text
}

const oddLines = [
  'image: kuard:blue',
  '  - image: kuard:1 # one',
  '  - image: kuard:absent   ',
  '    image: kuard:blue#no comment',
  '    image: other/kuard:blue',
  '    image: xkuard:blue',
  '    image: kuard',
  '# image: kuard:blue',
  '  command: --image=kuard:blue',
]
const oddCommands = [
  'kubectl run a --image=kuard:blue',
  'kubectl set image deployment/kuard kuard=kuard:green other=kuard:3; echo "image":"kuard:purple"}',
  'curl http://kuard:1/ --image=kuard:12 --image=kuard:blue-2 --image=kuard:blue.x --image=kuard:blue/x',
  "sed 's/kuard:blue/kuard:green/' x=kuard:1\"=kuard:2",
]

test('use-image.sh writes every file and command as the server does, again with another name, and back', async (context) => {
  const { folder, useImage, texts } = checkout(context)
  appendFileSync(join(folder, 'manifests/05-pods/kuard-pod.yaml'), `\n${oddLines.join('\n')}\n`)
  appendFileSync(join(folder, 'manifests/README.md'), `\n${oddCommands.join('\n')}\n`)
  const before = texts()
  for (const image of [
    'registry.example.com/me/kuard',
    'localhost:5000/kuard',
    '[::1]:5000/kuard-amd64',
    '127.0.0.1:5000/a.b/kuard__x',
    'kuard2',
    'kuard2',
  ]) {
    const { code, errors } = await useImage(image)
    assert.deepEqual({ code, errors }, { code: 0, errors: '' })
    for (const [path, text] of texts())
      assert.equal(text, rewritten(path, before.get(path) ?? '', image), `${image} in ${path}`)
  }
  assert.equal((await useImage('kuard')).code, 0)
  assert.deepEqual(texts(), before)
})

test('what use-image.sh makes of manifests/README.md is what the concepts say then', async (context) => {
  const { folder, useImage } = checkout(context)
  for (const part of ['scripts', 'server']) cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  await useImage('registry.example.com/me/kuard')
  const readme = join(folder, 'manifests/README.md')
  const written = readFileSync(readme, 'utf8')
  writeFileSync(readme, '')
  const { code, errors } = await command(process.execPath, [join(folder, 'scripts/manifests-readme.ts')])
  assert.deepEqual({ code, errors }, { code: 0, errors: '' })
  const made = readFileSync(readme, 'utf8').split('\n')
  assert.deepEqual(
    written.split('\n').filter((line, index) => line !== made[index]),
    [],
  )
  assert.match(written, /--image=registry\.example\.com\/me\/kuard:blue/)
})

test('no file or command of kuard’s is left out by use-image.sh', async (context) => {
  const { useImage, texts } = checkout(context)
  await useImage('registry.example.com/me/other')
  const lines = [...texts()].flatMap(([path, text]) => text.split('\n').map((line) => `${path}: ${line}`))
  const inFile = /\bimage: kuard:/
  // After a hyphen come the commands of concepts.yaml and no others' words.
  const inCommand = /^\S+concepts\.yaml: +- (?:run: )?.*\bkuard:(?:blue|green|purple|[123])\b/
  const expected = /^\S+: +- output: /
  assert.deepEqual(
    lines.filter((line) => inFile.test(line) || (inCommand.test(line) && !expected.test(line))),
    [],
  )
})

test('use-image.sh refuses what is no name without a tag, and changes nothing', async (context) => {
  const { useImage, texts } = checkout(context)
  const before = texts()
  for (const words of [
    [],
    [''],
    ['a', 'b'],
    ['kuard:blue'],
    ['registry.example.com/me/kuard@sha256:0123'],
    ['Kuard'],
    ['me/'],
    ['a b'],
    ['a\nb'],
    ['a,b'],
    ['a&b'],
  ]) {
    const { code, output, errors } = await useImage(...words)
    assert.deepEqual({ code, output }, { code: 2, output: '' }, words.join(' '))
    assert.match(errors, /sh scripts\/use-image\.sh registry\.example\.com\/me\/kuard/)
  }
  assert.deepEqual(texts(), before)
})
