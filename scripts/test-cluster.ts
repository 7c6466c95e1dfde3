/**
 * Runs the tests of the manifests on a real Kubernetes, the one that KUARD_TEST_CONTEXT names: brings the images in by the command in
 * KUARD_TEST_LOAD, has network policies enforced by that in KUARD_TEST_NETWORK_POLICIES, runs the test files that are named or all of
 * them, and removes what they left behind. `npm run test:cluster`
 */
import { spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { finished } from 'node:stream/promises'
import { run as runTests } from 'node:test'
import { spec } from 'node:test/reporters'
import { clusterState, differenceOnceSettled } from '../test/support/cluster-state.ts'
import { namespaceLabel } from '../test/support/cluster.ts'
import { networkPolicies } from '../test/support/network-policies.ts'
import { chapters, commandsRun, conceptsRun, summaryOf } from './chapters.ts'
import { imageTags, namesInNodes } from './image-tags.ts'
import { officialImages } from './official-images.ts'
import { run } from './run.ts'
import { originOf } from './stand-ins.ts'

const { KUARD_TEST_CONTEXT: context = '', KUARD_TEST_LOAD: load = '' } = process.env
if (context === '') fail(askForContext())
console.log(`Using ${nameOf(context)}`)
if (load === '') console.log('KUARD_TEST_LOAD names no command: the nodes must have the images already')
else {
  run('npm', ['run', '--silent', 'image'])
  loadImages(load)
}
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted.abort()
  })
}
const before = await clusterState()
if (networkPolicies !== '') run('sh', ['-c', `${networkPolicies} start`])
else console.log('KUARD_TEST_NETWORK_POLICIES names no command: the tests of network policies are left out')
try {
  for (const files of batches(process.argv.slice(2)))
    if (!interrupted.signal.aborted && !(await passes(files))) process.exitCode = 1
} finally {
  removeNamespaces()
  if (networkPolicies !== '') run('sh', ['-c', `${networkPolicies} stop`])
}
await compare(before)
sumUp()

/** A reader's cluster must never be taken by accident, so there is no default. */
function askForContext(): string {
  const known = spawnSync('kubectl', ['config', 'get-contexts', '--output=name'], { encoding: 'utf8' })
  const names = known.status === 0 ? known.stdout.trim().split('\n').filter(Boolean) : []
  const choice =
    names.length > 0
      ? `Contexts that kubectl knows: ${names.join(', ')}.`
      : 'kubectl knows no cluster. kind or minikube makes one: `kind create cluster`, `minikube start`.'
  return [
    'These tests make and remove objects in a cluster; name the kubectl context that they may use.',
    choice,
    'For example, with kind:',
    "  KUARD_TEST_CONTEXT=kind-kind KUARD_TEST_LOAD='kind load image-archive' npm run test:cluster",
    'With minikube:',
    "  KUARD_TEST_CONTEXT=minikube KUARD_TEST_LOAD='minikube image load' npm run test:cluster",
  ].join('\n')
}

function nameOf(name: string): string {
  const { status, stdout, stderr, error } = spawnSync(
    'kubectl',
    [
      `--context=${name}`,
      '--request-timeout=20s',
      'get',
      'nodes',
      '--output=jsonpath={.items[*].status.nodeInfo.kubeletVersion}',
    ],
    { encoding: 'utf8' },
  )
  if (error) fail(`kubectl can't be run: ${error.message}`)
  if (status !== 0) fail(`The cluster of the context ${name} does not answer:\n${stderr.trim()}`)
  return `the context ${name}, its nodes are Kubernetes ${stdout}`
}

/** Brings each image into the nodes. @param loader takes the name of an archive as its last argument */
function loadImages(loader: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'kuard-images-'))
  const archive = join(folder, 'images.tar')
  try {
    const kuards = imageTags.flat().flatMap((tag) => {
      const names = namesInNodes.map((name) => `${name}:${tag}`)
      run('podman', ['tag', `localhost/kuard:${tag}`, ...names])
      return names
    })
    const others = officialImages()
    for (const origin of others.map(originOf)) console.log(origin)
    const names = [...kuards, ...others.map(({ name }) => name)]
    run('podman', ['save', '--quiet', '--multi-image-archive', '--output', archive, ...names])
    run('sh', ['-c', `${loader} "$1"`, 'sh', archive])
    // podman takes the book's name for what is meant by kuard-amd64, and chapter 2 builds that.
    run('podman', ['rmi', ...kuards.filter((name) => name.includes('kuard-amd64'))])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What runs side by side: the labs and the chapters, the longest first, and then what goes deeper than they do. */
function batches(named: readonly string[]): readonly (readonly string[])[] {
  // While it has no API server, no other test can go on.
  const restart = join('test', 'cluster', 'cluster', 'restart.test.ts')
  const labs = join('test', 'cluster', 'labs', 'labs.test.ts')
  const asPasted = chapters()
    .toSorted((one, other) => commandsRun(other.concepts).run - commandsRun(one.concepts).run)
    .map(({ folder }) => join('test', 'cluster', folder, 'chapter.test.ts'))
  const all =
    named.length > 0 ? named : [...new Set([labs, ...asPasted, ...globSync('test/cluster/**/*.test.ts')])]
  const [alone, others] = [true, false].map((isAlone) =>
    all.filter((file) => file.endsWith(restart) === isAlone),
  )
  return [others ?? [], alone ?? []].filter(({ length }) => length > 0)
}

/** Fails where the tests left something behind in the cluster. */
async function compare(before: readonly string[]): Promise<void> {
  const left = await differenceOnceSettled(before)
  if (left.length === 0) return
  console.error(`The cluster is not as it was:\n${left.join('\n')}`)
  process.exitCode = 1
}

/** Says how much of what a reader is told to do was done. */
function sumUp(): void {
  const all = chapters()
  const concepts = all.flatMap((chapter) => chapter.concepts)
  const [of, commands] = [conceptsRun(concepts), commandsRun(concepts)]
  for (const line of all.flatMap(summaryOf)) console.log(line)
  const share = ((100 * commands.run) / commands.all).toFixed(1)
  console.log(
    `All chapters: ${of.run} of ${of.all} concepts and ${commands.run} of ${commands.all} commands (${share} %) are run as pasted`,
  )
}

/**
 * Runs test files in this order, which `node --test` doesn't keep, five at a time: they wait for the cluster more than they work. Says in the end
 * how long each took.
 */
async function passes(files: readonly string[]): Promise<boolean> {
  let hasPassed = true
  const took: string[] = []
  const tests = runTests({ files, concurrency: 5, signal: interrupted.signal })
  tests.on('test:fail', () => (hasPassed = false))
  tests.on('test:summary', ({ file, duration_ms: milliseconds }) => {
    if (file !== undefined) took.push(`${Math.round(milliseconds / 1000)} s ${relative('.', file)}`)
  })
  const lines = tests.compose(spec)
  lines.pipe(process.stdout, { end: false })
  await finished(lines)
  console.log(took.join('\n'))
  return hasPassed
}

/** Waits for it, so that the next run finds the nodes idle. */
function removeNamespaces(): void {
  run('kubectl', [
    `--context=${context}`,
    'delete',
    'namespaces',
    `--selector=${namespaceLabel}`,
    '--timeout=180s',
  ])
}

function fail(reason: string): never {
  process.stderr.write(`${reason}\n`)
  process.exit(1)
}
