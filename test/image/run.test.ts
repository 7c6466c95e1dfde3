/** The image as a manifest or the book's docker commands run it. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ServerEnv } from '../../server/features/env/wire.ts'
import { MemoryStatus } from '../../server/features/memory/wire.ts'
import { image, podman, serveContainer, startContainer, succeed } from '../support/container.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ask } from '../support/kuard.ts'

/** What a cautious cluster demands: nothing may be written, and no privilege is left. */
const cautious = [
  '--read-only',
  '--read-only-tmpfs=false',
  '--cap-drop=all',
  '--security-opt=no-new-privileges',
]

/** What container runtimes allow unless they are told otherwise: ping without a privilege. */
const pingAllowed = '--sysctl=net.ipv4.ping_group_range=0 2147483647'

test('it serves as nobody, with a read-only root and without a capability, and writes nothing', async (context) => {
  const container = await serveContainer(context, [], { flags: cautious })
  for (const path of ['/', '/ready', '/env/api', '/mem/api', '/fs/etc/', '/metrics', '/openapi.json'])
    assert.equal((await container.get(path)).status, 200, path)
  const status = (await container.exec('sh', '-c', 'cat /proc/[0-9]*/status')).output
  const of = (field: string) =>
    [...status.matchAll(new RegExp(`^${field}:\\s+(.*)$`, 'gm'))].map(([, value]) => value)
  assert.ok(of('Uid').every((ids) => ids === '65534\t65534\t65534\t65534'))
  assert.ok(
    ['CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].every((set) => of(set).every((bits) => Number(bits) === 0)),
  )

  const writable = await serveContainer(context)
  await writable.get('/fs/')
  await writable.terminate()
  const changed = (await succeed('diff', writable.id)).split('\n')
  // The runtime's own: files that it mounts over.
  const own = changed.filter(
    (line) => !/^. \/(etc|etc\/.*|run|run\/.*|dev|proc|sys|tmp)?$/.test(line) && line !== '',
  )
  assert.deepEqual(own, [])
})

test('the fault that fills a disk may write below its folder alone, and a crash by a signal leaves with its code', async (context) => {
  const folder = temporaryFolder(context)
  chmodSync(folder, 0o777)
  const container = await serveContainer(context, ['--fault-disk-folder', '/full'], {
    flags: [`--volume=${folder}:/full`],
  })
  const order = (kind: string, body: object) =>
    ask(container.port, 'PUT', `/faults/${kind}`, { body: JSON.stringify(body) })
  const diskShows = (pattern: RegExp) =>
    eventually(`the fault to show ${pattern}`, async () =>
      pattern.test((await container.get('/faults')).text),
    )
  await order('disk', { folder: '/full', mib: 3 })
  await diskShows(/"progress":"3 MiB taken"/)
  await order('disk', { folder: '/tmp', mib: 3 })
  await diskShows(/may not write there unless --fault-disk-folder names the folder/)
  await order('crash', { signal: 'SIGSEGV' })
  assert.equal(await container.ended(), 139)
})

test("Node.js's permissions deny writes and child processes; --generate-certs may write", async (context) => {
  const container = await serveContainer(context)
  const lines = 'for file in /proc/[0-9]*/cmdline; do tr "\\0" " " < $file; echo; done'
  const { output } = await container.exec('sh', '-c', lines)
  const [, given = ''] = /^\/kuard (--.*) \/usr\/lib\/kuard\/kuard.cjs/m.exec(output) ?? []
  const [program, flags] = ['/usr/bin/node', given.split(' ')]
  for (const attempt of [
    "fs.writeFileSync('/tmp/x', '')",
    "child_process.spawnSync('date')",
    "new worker_threads.Worker('1', { eval: true })",
  ]) {
    const { code, errors } = await container.exec(program, ...flags, '-e', attempt)
    assert.equal(code, 1, attempt)
    assert.match(errors, /ERR_ACCESS_DENIED/)
  }
  assert.equal((await container.exec(program, '-e', "fs.writeFileSync('/tmp/x', '')")).code, 0)
  assert.doesNotMatch(await container.log(), /Warning:/)

  const folder = join(temporaryFolder(context), 'tls')
  mkdirSync(folder)
  chmodSync(folder, 0o777)
  const writer = await startContainer(context, ['--generate-certs=/tls'], {
    flags: [`--volume=${folder}:/tls`],
  })
  assert.equal(await writer.ended(), 0, await writer.log())
  assert.deepEqual(readdirSync(folder).sort(), ['kuard.crt', 'kuard.key'])
})

test('a manifest may give arguments alone, or /kuard and arguments as its command', async (context) => {
  for (const options of [{ args: ['extra-value'] }, { args: [], command: ['/kuard', 'extra-value'] }]) {
    const { args, ...rest } = options
    const container = await startContainer(context, args, rest)
    await container.serving()
    const { commandLine, env } = (await container.get('/env/api')).json(ServerEnv)
    assert.deepEqual(commandLine, ['/kuard', 'extra-value'])
    for (const name of ['PWD', 'SHLVL', 'NODE_OPTIONS'])
      assert.ok(!(name in env), `${name} is not the manifest's`)
  }
  const refused = await startContainer(context, ['--bogus'])
  assert.equal(await refused.ended(), 2)
})

for (const command of [
  ['/kuard', '--shutdown-delay=0'],
  ['sh', '-c', '/kuard --shutdown-delay=0'],
  ['bash', '-c', 'date && exec /kuard --shutdown-delay=0'],
]) {
  test(`started by ${JSON.stringify(command)}, SIGTERM drains it and orphans are reaped`, async (context) => {
    const container = await startContainer(context, [], { command })
    await container.serving()
    assert.match((await container.exec('cat', '/proc/1/comm')).output, /^tini$/m)

    // Its parent ends before it does, which leaves it to the first process.
    await container.exec('sh', '-c', '(sleep 0.1; exit) & exit')
    await eventually('the orphan to be reaped', async () => {
      const { output } = await container.exec('sh', '-c', 'cat /proc/[0-9]*/stat')
      return !/\((sh|sleep)\) [A-Z] 1 /.test(output)
    })
    assert.equal(await container.terminate(), 0)
    assert.match(await container.log(), /Received SIGTERM/)
  })
}

test('an exec probe asks by /kuard --check, and ends with 1 when the answer is bad', async (context) => {
  const container = await serveContainer(context, ['--readiness-fail-next=-1'], { flags: cautious })
  const healthy = await container.exec('/kuard', '--check=http://localhost:8080/healthy')
  assert.deepEqual(healthy, { code: 0, output: 'ok\n', errors: '' })
  assert.equal((await container.exec('/kuard', '--check=http://localhost:8080/ready')).code, 1)
})

test('the tools that the book uses in kubectl exec and kubectl cp are there', async (context) => {
  const container = await serveContainer(context, [], { flags: [...cautious, pingAllowed] })
  for (const [command, expected] of [
    [['date', '-u', '+%Y'], /^20\d\d\n$/],
    [['ls', '/'], /^kuard$/m],
    [['cat', '/etc/passwd'], /^nobody:x:65534:/m],
    [['ps'], /kuard\.cjs/],
    [['ping', '-c', '1', '127.0.0.1'], /1 packets received/],
    [['wget', '-q', '-O', '-', 'http://localhost:8080/healthy'], /^ok$/],
    [['ash', '-c', 'echo $0'], /^ash\n$/],
    [['bash', '-c', 'echo $((6 * 7))'], /^42\n$/],
    [['tar', '-c', '-f', '-', '/etc/passwd'], /nobody:x:65534/],
    [['nslookup', '-type=a', 'kuard.example'], /Server:/],
  ] as const) {
    const { output, errors } = await container.exec(...command)
    assert.match(output, expected, `${command.join(' ')}: ${errors}`)
  }
})

test('kubectl cp brings files out, and in where the user may write', async (context) => {
  const folder = temporaryFolder(context)
  writeFileSync(join(folder, 'config.txt'), 'config\n')
  // What kubectl cp runs on either side.
  const copyIn = (id: string, to: string) =>
    execFileSync('sh', [
      '-c',
      'tar -C "$0" -cf - config.txt | podman exec -i "$1" tar -xmf - -C "$2"',
      folder,
      id,
      to,
    ])
  const asRoot = await serveContainer(context, [], { flags: ['--user=0'] })
  copyIn(asRoot.id, '/')
  assert.equal((await asRoot.get('/fs/config.txt')).text, 'config\n')

  const asNobody = await serveContainer(context)
  copyIn(asNobody.id, '/tmp')
  const { output } = await asNobody.exec('tar', '-cf', '-', '/tmp/config.txt')
  assert.match(output, /config\n/)
})

test("the book's docker commands: build, tag, run, limit, stop, rm, rmi", async (context) => {
  const book = 'gcr.io/kuar-demo/kuard-amd64:1'
  await succeed('tag', image, book)
  const port = '127.0.0.1::8080'
  const limits = ['--memory', '200m', '--memory-swap', '1G', '--cpu-shares', '1024']
  for (const flags of [[], limits]) {
    const id = await succeed('run', '-d', '--name', 'kuard', '--publish', port, ...flags, book)
    context.after(() => podman('rm', '--force', id))
    const mapped = Number((await succeed('port', 'kuard', '8080')).split(':').at(-1))
    await eventually('it to serve', () =>
      ask(mapped, 'GET', '/healthy').then(
        ({ text }) => text === 'ok',
        () => false,
      ),
    )
    if (flags.length > 0) {
      const { cgroup } = (await ask(mapped, 'GET', '/mem/api')).json(MemoryStatus)
      assert.equal(cgroup.memory.limit, 200 * 2 ** 20)
    }
    await succeed('stop', 'kuard')
    assert.equal(await succeed('inspect', '--format={{.State.ExitCode}}', 'kuard'), '0')
    await succeed('rm', 'kuard')
  }
  await succeed('rmi', book)
})

test('told to allocate past 200 MB it is OOM-killed, and starts again', async (context) => {
  const flags = ['--memory=200m', '--memory-swap=200m']
  const container = await serveContainer(context, [], { flags })
  await ask(container.port, 'POST', '/mem/api/alloc?size=300000000').catch(() => undefined)
  assert.equal(await container.ended(), 137)
  await succeed('start', container.id)
  await container.serving()
  assert.equal((await container.get('/mem/api')).json(MemoryStatus).cgroup.memory.limit, 200 * 2 ** 20)
})

test('where the control group outlives the process, the next start shows the OOM kill', async (context) => {
  const flags = ['--memory=200m', '--memory-swap=200m']
  const command = ['sh', '-c', 'until /kuard --shutdown-delay=0; do :; done']
  const container = await startContainer(context, [], { flags, command })
  await container.serving()
  const oomKills = async () => (await container.get('/mem/api')).json(MemoryStatus).cgroup.memory.oomKills
  assert.equal(await oomKills(), 0)
  await ask(container.port, 'POST', '/mem/api/alloc?size=300000000').catch(() => undefined)
  await container.serving()
  assert.equal(await oomKills(), 1)
})
