/**
 * How long the image takes from `run` to its first answer, against the same bundle outside of a container, warm and cold: printed, not
 * judged, since what a bare server takes more inside than outside is the container's own.
 */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { atEnd } from '../support/at-end.ts'
import { image, podman, succeed } from '../support/container.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ask } from '../support/kuard.ts'

const port = 18_481
const rounds = { warm: 9, cold: 5 }
const flags = [`--address=127.0.0.1:${port}`, '--shutdown-delay=0']
const bare = [
  'node',
  '-e',
  `require('node:http').createServer((_, response) => response.end()).listen(${port}, '127.0.0.1')`,
]

/** How long a command takes to serve, in ms; it is ended by another, or else by SIGTERM. */
async function timeToServe(
  [program = '', ...args]: readonly string[],
  [stop, ...stopArgs]: readonly string[],
): Promise<number> {
  const began = performance.now()
  const child = spawn(program, args, { stdio: 'ignore' })
  const ended = once(child, 'exit')
  for (;;) {
    const answered = await ask(port, 'GET', '/healthy').then(
      () => true,
      () => false,
    )
    if (answered) break
    assert.ok(child.exitCode === null && performance.now() - began < 20_000, `${program} does not serve`)
  }
  const took = performance.now() - began
  if (stop === undefined) child.kill('SIGTERM')
  else execFileSync(stop, stopArgs)
  await ended
  await eventually('the port to be free', () =>
    ask(port, 'GET', '/healthy').then(
      () => false,
      () => true,
    ),
  )
  return took
}

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? NaN

/** Has the kernel forget what it has read of a folder's files, as on a node that has just unpacked them. */
function forget(folder: string): void {
  execFileSync('find', [
    ...[folder, '-xdev', '-type', 'f', '-size', '+4k'],
    ...['-exec', 'dd', 'if={}', 'iflag=nocache', 'count=0', 'status=none', ';'],
  ])
}

/** Writes what runc runs: as the image says, but in this machine's network. */
function writeBundle(folder: string, root: string, args: readonly string[]): void {
  mkdirSync(folder)
  execFileSync('runc', ['spec', '--bundle', folder])
  const file = join(folder, 'config.json')
  const spec = JSON.parse(readFileSync(file, 'utf8')) as {
    process: object
    root: object
    linux: { namespaces: { type: string }[] }
  }
  const user = { uid: 65534, gid: 65534 }
  Object.assign(spec.process, { args, env: ['PATH=/usr/bin'], terminal: false, user, capabilities: {} })
  Object.assign(spec.root, { path: root, readonly: true })
  spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'network')
  writeFileSync(file, JSON.stringify(spec))
}

test('from run to the first answer', async (context) => {
  const folder = temporaryFolder(context)
  const id = await succeed('create', image)
  atEnd(context, () => podman('rm', '--force', id))
  const root = await succeed('mount', id)
  const name = `kuard-${process.pid}`
  const byRunc = (what: string, args: readonly string[]) => {
    const bundle = join(folder, what)
    writeBundle(bundle, root, args)
    const runc = ['runc', '--root', join(folder, 'state')]
    return {
      start: [...runc, 'run', '--bundle', bundle, `${name}-${what}`],
      // A bare server as the first process of a container takes no other.
      stop: [...runc, 'kill', `${name}-${what}`, 'KILL'],
    }
  }
  const ways = {
    outside: { start: ['chroot', root, 'node', '/usr/lib/kuard/kuard.cjs', ...flags], stop: [] },
    'runc run': byRunc('kuard', ['/kuard', ...flags]),
    'bare Node.js outside': { start: ['chroot', root, ...bare], stop: [] },
    'bare Node.js by runc run': byRunc('bare', bare),
    'podman run': {
      start: ['podman', 'run', '--rm', '--name', name, '--network=host', image, ...flags],
      stop: ['podman', 'kill', '--signal=TERM', name],
    },
  }
  for (const warmth of ['warm', 'cold'] as const) {
    const times = new Map<string, number[]>(Object.keys(ways).map((way) => [way, []]))
    for (let round = 0; round < rounds[warmth]; round += 1) {
      for (const [way, { start, stop }] of Object.entries(ways)) {
        if (warmth === 'cold') forget(root)
        times.get(way)?.push(await timeToServe(start, stop))
      }
    }
    for (const [way, took] of times) {
      const outside = times.get(way.startsWith('bare') ? 'bare Node.js outside' : 'outside') ?? []
      const ratio = median(took.map((time, round) => time / (outside[round] ?? NaN)))
      context.diagnostic(
        `${warmth}, ${way}: ${median(took).toFixed(0)} ms, ${ratio.toFixed(2)} times outside`,
      )
    }
  }
})
