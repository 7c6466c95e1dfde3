/** Faults by which a process takes what others need: each is seen from outside, and given back by time, by DELETE and on SIGTERM. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync, readFileSync, readlinkSync, statfsSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { FaultsState } from '../../server/features/faults/wire.ts'
import { atEnd } from '../support/at-end.ts'
import { makeCgroup, underMachinesGroup } from '../support/cgroup.ts'
import { eventually } from '../support/eventually.ts'
import { beginFault, endFault, faultEnded, faultOf, faultsOf } from '../support/faults.ts'
import { temporaryFolder } from '../support/folder.ts'
import { freePort } from '../support/free-port.ts'
import { ask, Kuard, startKuard } from '../support/kuard.ts'

const mebibyte = 2 ** 20

/** How many descriptors of a process lead to this. */
function descriptors({ child }: Kuard, target: RegExp): number {
  const folder = `/proc/${child.pid}/fd`
  return readdirSync(folder).filter((name) => {
    try {
      return target.test(readlinkSync(join(folder, name)))
    } catch {
      // It was closed since.
      return false
    }
  }).length
}

const openFiles = (kuard: Kuard) => descriptors(kuard, /^\/dev\/null$/)
const sockets = (kuard: Kuard) => descriptors(kuard, /^socket:/)

/** In bytes. */
const resident = ({ child }: Kuard) =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024

/** CPU that a process has used, in seconds: proc_pid_stat(5), in hundredths. */
function cpuSeconds({ child }: Kuard): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** The cores that a process keeps busy, over a good part of a second. */
async function cores(kuard: Kuard): Promise<number> {
  const [before, began] = [cpuSeconds(kuard), performance.now()]
  await sleep(400)
  return ((cpuSeconds(kuard) - before) * 1000) / (performance.now() - began)
}

/** A small file system of its own; skips the test where none can be mounted. */
function smallDisk(context: TestContext, mib: number): string | undefined {
  const folder = temporaryFolder(context)
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=1777`, 'kuard-test', folder])
  if (status === 0) {
    atEnd(context, () => spawnSync('umount', ['--lazy', folder]))
    return folder
  }
  context.skip('no file system can be mounted here')
  return undefined
}

/** What is taken of a file system, in bytes. */
function taken(folder: string): number {
  const { bsize, blocks, bfree } = statfsSync(folder)
  return (blocks - bfree) * bsize
}

interface Effect {
  readonly kind: string
  readonly order: object
  /** Resolves when it is seen from outside. */
  readonly begun: (kuard: Kuard) => Promise<unknown>
  /** Resolves when nothing of it is left. */
  readonly gone: (kuard: Kuard) => Promise<unknown>
}

/** Has a fault end in each way that there is, the process serving on. */
async function endEachWay(context: TestContext, { kind, order, begun, gone }: Effect): Promise<void> {
  const kuard = await startKuard(context, ['--shutdown-delay=600', '--shutdown-timeout=600'])
  await beginFault(kuard, kind, order)
  await begun(kuard)
  await endFault(kuard, kind)
  await gone(kuard)
  await beginFault(kuard, kind, { ...order, seconds: 3 })
  await begun(kuard)
  await faultEnded(kuard, kind, 'its time was up')
  await gone(kuard)
  await beginFault(kuard, kind, order)
  await begun(kuard)
  kuard.child.kill('SIGTERM')
  await faultEnded(kuard, kind, 'the process ends')
  await gone(kuard)
  assert.equal((await kuard.get('/healthy')).status, 200)
}

test('files are held open, until that ends', (context) =>
  endEachWay(context, {
    kind: 'open-files',
    order: { count: 150 },
    begun: (kuard) => eventually('the files to be open', () => openFiles(kuard) >= 150),
    gone: (kuard) => eventually('the files to be closed', () => openFiles(kuard) < 50),
  }))

test('exactly so many files and sockets are held open', async (context) => {
  const kuard = await startKuard(context)
  const [files, connections] = [openFiles(kuard), sockets(kuard)]
  for (const count of [1, 2, 99, 100]) {
    await beginFault(kuard, 'open-files', { count })
    await beginFault(kuard, 'sockets', { count })
    await eventually(`${count} files`, () => openFiles(kuard) === files + count)
    await eventually(`${count} sockets`, () => sockets(kuard) === connections + count)
    // A request's own socket may have stood for one that was still to be opened.
    for (const kind of ['open-files', 'sockets'])
      await eventually(
        `${kind} to tell of ${count}`,
        async () => (await faultOf(kuard, kind))?.progress === `${count} open`,
      )
  }
})

test('sockets are held open, until that ends', (context) =>
  endEachWay(context, {
    kind: 'sockets',
    order: { count: 150 },
    begun: (kuard) => eventually('the sockets to be open', () => sockets(kuard) >= 150),
    gone: (kuard) => eventually('the sockets to be closed', () => sockets(kuard) < 50),
  }))

for (const [kind, held] of [
  ['open-files', openFiles],
  ['sockets', sockets],
] as const) {
  test(`${kind}: when there are no more, it says so, and the page can take it back`, async (context) => {
    const under = ['sh', '-c', 'ulimit -n 200; exec "$@"', 'sh']
    const kuard = await startKuard(context, [], { under })
    await beginFault(kuard, kind, { count: 5000 })
    const { problem, progress } = await eventually('it to have no more', async () => {
      const fault = await faultOf(kuard, kind)
      return fault?.problem !== undefined && fault
    })
    assert.match(problem ?? '', /may open no more/)
    const count = Number(/^(\d+) open$/.exec(progress ?? '')?.[1])
    assert.ok(count > 100 && count < 200 && held(kuard) >= count, `${count} of 200`)
    await endFault(kuard, kind)
    await eventually('all to be closed', () => held(kuard) < 50)
    assert.equal((await kuard.get('/env/api')).status, 200)
  })
}

test('memory leaks at its rate, is resident, and is given back', (context) =>
  endEachWay(context, {
    kind: 'leak',
    order: { mibPerSecond: 20 },
    async begun(kuard) {
      const before = resident(kuard)
      await eventually('memory to be taken', () => resident(kuard) > before + 15 * mebibyte)
      const { progress, since } = (await faultOf(kuard, 'leak')) ?? {}
      const told = Number(/^(\d+) MiB taken$/.exec(progress ?? '')?.[1])
      const seconds = (Date.now() - Date.parse(since ?? '')) / 1000
      assert.ok(told >= 10 && told <= 20 * seconds + 2, `${told} MiB after ${seconds} s`)
    },
    async gone(kuard) {
      const { node } = JSON.parse((await kuard.get('/mem/api')).text) as { node: { arrayBuffers: number } }
      assert.ok(node.arrayBuffers < 10 * mebibyte)
    },
  }))

test('a leak ends by the kernel where a limit watches over it', async (context) => {
  const group = makeCgroup(context, 'memory')
  if (!group) return
  group.limitMemory(200 * mebibyte)
  const kuard = await startKuard(context, [], { under: group.under })
  await beginFault(kuard, 'leak', { mibPerSecond: 200 })
  assert.deepEqual(await kuard.ended, { code: null, signal: 'SIGKILL' })
})

test('a leak stops where no limit watches over it and the machine has no more to spare', async (context) => {
  const under = underMachinesGroup(context)
  if (!under) return
  const preload = join(import.meta.dirname, '../support/scarce-memory-preload.ts')
  const kuard = await startKuard(context, [], { under, nodeArgs: ['--import', preload] })
  await beginFault(kuard, 'leak', { mibPerSecond: 30 })
  const { problem } = await eventually('it to stop', async () => {
    const fault = await faultOf(kuard, 'leak')
    return fault?.problem !== undefined && fault
  })
  assert.match(problem ?? '', /^it grows no more: this needs \d+ MiB more, and the machine can spare 0 MiB$/)
  await endFault(kuard, 'leak')
  assert.deepEqual((await faultsOf(kuard)).faults, [])
})

test('a share of a core is burnt, no more of it, and none when that ends', (context) =>
  endEachWay(context, {
    kind: 'cpu',
    order: { cores: 0.4 },
    async begun(kuard) {
      const [before, began] = [cpuSeconds(kuard), performance.now()]
      // Far from all of its share, since a busy machine doesn't give it that.
      await eventually('CPU to be burnt', () => cpuSeconds(kuard) > before + 0.2)
      const [burnt, seconds] = [cpuSeconds(kuard) - before, (performance.now() - began) / 1000]
      assert.ok(burnt < 0.4 * seconds + 0.2, `${burnt} s of CPU in ${seconds} s`)
    },
    gone: (kuard) => eventually('no CPU to be burnt', async () => (await cores(kuard)) < 0.1),
  }))

test('whole cores are burnt while probes are answered', async (context) => {
  const kuard = await startKuard(context, ['--fault-cpu=2'])
  const before = cpuSeconds(kuard)
  const slowest = { ms: 0 }
  await eventually('CPU to be burnt', async () => {
    const began = performance.now()
    assert.equal((await kuard.get('/healthy')).status, 200)
    slowest.ms = Math.max(slowest.ms, performance.now() - began)
    return cpuSeconds(kuard) > before + 1
  })
  context.diagnostic(`the slowest probe took ${Math.round(slowest.ms)} ms`)
})

test('more cores than there are say so', async (context) => {
  const kuard = await startKuard(context)
  await beginFault(kuard, 'cpu', { cores: 256, seconds: 1 })
  assert.match((await faultOf(kuard, 'cpu'))?.problem ?? '', /^this machine has \d+ cores?$/)
  await faultEnded(kuard, 'cpu', 'its time was up')
})

test(
  'more cores than there are threads say so',
  { skip: cpus().length < 2 && 'this machine has one core' },
  async (context) => {
    const kuard = await startKuard(context, [], { env: { UV_THREADPOOL_SIZE: '1' } })
    await beginFault(kuard, 'cpu', { cores: 2, seconds: 1 })
    assert.match((await faultOf(kuard, 'cpu'))?.problem ?? '', /^this process has 1 thread for it; /)
    await faultEnded(kuard, 'cpu', 'its time was up')
  },
)

test('disk space is taken, and given back', async (context) => {
  const folder = smallDisk(context, 32)
  if (folder === undefined) return
  await endEachWay(context, {
    kind: 'disk',
    order: { folder, mib: 16 },
    async begun(kuard) {
      await eventually('the space to be taken', () => taken(folder) >= 16 * mebibyte)
      assert.ok(taken(folder) < 17 * mebibyte)
      assert.deepEqual(readdirSync(folder), [])
      await eventually(
        'that to be told',
        async () => (await faultOf(kuard, 'disk'))?.progress === '16 MiB taken',
      )
    },
    gone: () => eventually('the space to be free', () => taken(folder) < mebibyte),
  })
})

test('a disk that is full says so, and SIGKILL gives its space back', async (context) => {
  const folder = smallDisk(context, 16)
  if (folder === undefined) return
  const kuard = await startKuard(context)
  await beginFault(kuard, 'disk', { folder, mib: 64 })
  const { progress } = await eventually('it to be full', async () => {
    const fault = await faultOf(kuard, 'disk')
    return fault?.problem === 'the file system is full' && fault
  })
  assert.equal(progress, '16 MiB taken')
  assert.equal(taken(folder), 16 * mebibyte)
  await kuard.kill()
  assert.ok(taken(folder) < mebibyte)
})

test('a folder that can’t be filled says why', async (context) => {
  const folder = temporaryFolder(context)
  const kuard = await startKuard(context)
  const problems = {
    [`${folder}/none`]: 'there is no such folder',
    '/dev/null': 'this is no folder',
    '/proc': 'there is no such folder',
  }
  for (const [name, problem] of Object.entries(problems)) {
    await beginFault(kuard, 'disk', { folder: name, mib: 1 })
    await eventually(`${name} to be refused`, async () => (await faultOf(kuard, 'disk'))?.problem === problem)
  }
  const permissions = ['--permission', '--allow-fs-read=*', '--allow-net']
  const confined = await startKuard(context, [], { nodeArgs: permissions })
  await beginFault(confined, 'disk', { folder, mib: 1 })
  await eventually('it to name the flag', async () =>
    (await faultOf(confined, 'disk'))?.problem?.includes('unless --fault-disk-folder names the folder'),
  )
})

/** The lines of a flood, as far as they have come. */
const flood = ({ lines }: Kuard) =>
  lines.filter((line) => line.includes('of a fault that floods the log')).length

for (const format of ['text', 'json']) {
  test(`the log is flooded at a rate, in ${format}, until that ends`, async (context) => {
    const kuard = await startKuard(context, [`--log-format=${format}`])
    await beginFault(kuard, 'log-flood', { linesPerSecond: 1000, seconds: 2 })
    await eventually('lines', () => flood(kuard) > 200)
    await faultEnded(kuard, 'log-flood', 'its time was up')
    await eventually('most of the lines', () => flood(kuard) >= 1000)
    assert.ok(flood(kuard) <= 2100, `${flood(kuard)} lines`)
    const [line = ''] = kuard.lines.filter((one) => one.includes('Line 7 of a fault'))
    if (format === 'json') assert.equal((JSON.parse(line) as { 'log.level': string })['log.level'], 'info')
    else assert.match(line, /^\d{4}\/\d\d\/\d\d [\d:]{8} Line 7 of a fault that floods the log$/)
    await beginFault(kuard, 'log-flood', { linesPerSecond: 10 })
    await endFault(kuard, 'log-flood')
    assert.equal(await faultOf(kuard, 'log-flood'), undefined)
    await beginFault(kuard, 'log-flood', { linesPerSecond: 10 })
    assert.deepEqual(await kuard.terminate(), { code: 0, signal: null })
    assert.match(kuard.output, /Fault log-flood ended \(the process ends\)/)
  })
}

test('a flood that nobody reads takes no memory, and the page is answered', async (context) => {
  const kuard = await startKuard(context)
  const before = resident(kuard)
  kuard.child.stdout?.pause()
  await beginFault(kuard, 'log-flood', { linesPerSecond: 100_000, seconds: 3 })
  await faultEnded(kuard, 'log-flood', 'its time was up')
  const grown = resident(kuard) - before
  assert.ok(grown < 100 * mebibyte, `${grown / mebibyte} MiB`)
  kuard.child.stdout?.resume()
  // What came while there was no room is lost, be it of the flood or not.
  await eventually('the log to go on', async () => {
    await kuard.get('/env/api?read-again')
    return kuard.output.includes('?read-again')
  })
})

test('a flood that the level of the log leaves out says so', async (context) => {
  const port = await freePort()
  const args = [
    `--address=127.0.0.1:${port}`,
    '--shutdown-delay=0',
    '--log-level=warn',
    '--fault-log-lines=10',
  ]
  new Kuard(context, args)
  const state = await eventually('it to serve', () =>
    ask(port, 'GET', '/faults').then(
      (answer) => answer.json(FaultsState),
      () => undefined,
    ),
  )
  assert.equal(state.faults[0]?.problem, 'none is seen, since --log-level leaves them out')
})

test('the flags begin each of them, all with one end', async (context) => {
  const folder = temporaryFolder(context)
  chmodSync(folder, 0o777)
  const kuard = await startKuard(context, [
    ...['--fault-cpu=0.05', '--fault-leak-mib=1', '--fault-disk-mib=3', `--fault-disk-folder=${folder}`],
    ...['--fault-open-files=5', '--fault-sockets=6', '--fault-log-lines=7', '--fault-seconds=5'],
  ])
  const kinds = ['cpu', 'leak', 'disk', 'open-files', 'sockets', 'log-flood']
  const words = {
    cpu: 'burns 0.05 cores',
    leak: 'leaks 1 MiB of memory a second',
    disk: `takes 3 MiB of the space below ${folder}`,
    'open-files': 'holds 5 files open',
    sockets: 'holds 6 sockets open',
    'log-flood': 'writes 7 lines a second into the log',
  }
  const { faults } = await faultsOf(kuard)
  assert.deepEqual(Object.fromEntries(faults.map(({ kind, words }) => [kind, words])), words)
  for (const kind of kinds) await faultEnded(kuard, kind, 'its time was up')
})
