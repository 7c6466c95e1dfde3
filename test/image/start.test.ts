/** How long the image takes from `run` to its first answer, against the same bundle outside of a container: printed, not judged. */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { atEnd } from '../support/at-end.ts'
import { image, podman, succeed } from '../support/container.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ask } from '../support/kuard.ts'

const port = 18_481
const rounds = 9
const flags = [`--address=127.0.0.1:${port}`, '--shutdown-delay=0']

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

test('from run to the first answer', async (context) => {
  const folder = temporaryFolder(context)
  const id = await succeed('create', image)
  atEnd(context, () => podman('rm', '--force', id))
  const root = await succeed('mount', id)
  execFileSync('runc', ['spec', '--bundle', folder])
  const file = join(folder, 'config.json')
  const spec = JSON.parse(readFileSync(file, 'utf8')) as {
    process: object
    root: object
    linux: { namespaces: { type: string }[] }
  }
  // As the image says, but in this machine's network.
  const user = { uid: 65534, gid: 65534 }
  Object.assign(spec.process, {
    args: ['/kuard', ...flags],
    env: ['PATH=/usr/bin'],
    terminal: false,
    user,
    capabilities: {},
  })
  Object.assign(spec.root, { path: root, readonly: true })
  spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'network')
  writeFileSync(file, JSON.stringify(spec))

  const name = `kuard-${process.pid}`
  const runc = ['runc', '--root', join(folder, 'state')]
  const ways = [
    { way: 'outside', start: ['chroot', root, 'node', '/usr/lib/kuard/kuard.cjs', ...flags], stop: [] },
    {
      way: 'runc run',
      start: [...runc, 'run', '--bundle', folder, name],
      stop: [...runc, 'kill', name, 'TERM'],
    },
    {
      way: 'podman run',
      start: ['podman', 'run', '--rm', '--name', name, '--network=host', image, ...flags],
      stop: ['podman', 'kill', '--signal=TERM', name],
    },
  ]
  const times = ways.map(({ way }) => ({ way, took: [] as number[] }))
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { start, stop }] of ways.entries())
      times[index]?.took.push(await timeToServe(start, stop))
  }
  const outside = times[0]?.took ?? []
  for (const { way, took } of times) {
    const ratio = median(took.map((time, round) => time / (outside[round] ?? NaN)))
    context.diagnostic(`${way}: ${median(took).toFixed(0)} ms, ${ratio.toFixed(2)} times outside`)
  }
})
