/** What the container may use and uses: on trees of files as kernels show them, and live on the event stream. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { platform, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ContainerReport, ContainerUsage } from '../../server/features/container/wire.ts'
import { readCpuSeconds, readHugePages, readPids } from '../../server/host/cgroup-counts.ts'
import { readPlaces } from '../../server/host/cgroup-folders.ts'
import { atEnd } from '../support/at-end.ts'
import { makeCgroup } from '../support/cgroup.ts'
import { readEvents } from '../support/event-stream.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard } from '../support/kuard.ts'

const skip = platform() === 'linux' ? false : 'only Linux has control groups'

/** Writes files into a folder that stands for /. @returns what finds the folders of a controller there */
async function placesIn(context: TestContext, files: Readonly<Record<string, string>>) {
  const root = await mkdtemp(join(tmpdir(), 'kuard-groups-'))
  atEnd(context, () => rm(root, { recursive: true }))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), `${text}\n`)
  }
  return readPlaces(root)
}

const count = async (placeOf: Awaited<ReturnType<typeof placesIn>>) => ({
  cpuSeconds: await readCpuSeconds(placeOf),
  pids: await readPids(placeOf),
  hugePages: await readHugePages(placeOf),
})

const mount1 = (controller: string) =>
  `29 22 0:26 /pod /sys/fs/cgroup/${controller} ro,nosuid - cgroup cgroup rw,${controller}`

test('version 1 counts each by a controller of its own', async (context) => {
  const controllers = ['cpuacct', 'pids', 'hugetlb']
  const placeOf = await placesIn(context, {
    'proc/self/cgroup': controllers.map((name, at) => `${at + 1}:${name}:/pod`).join('\n'),
    'proc/self/mountinfo': controllers.map(mount1).join('\n'),
    'sys/fs/cgroup/cpuacct/cpuacct.usage': '1872000000',
    'sys/fs/cgroup/pids/pids.max': '100',
    'sys/fs/cgroup/pids/pids.current': '12',
    'sys/fs/cgroup/hugetlb/hugetlb.2MB.limit_in_bytes': '4194304',
    'sys/fs/cgroup/hugetlb/hugetlb.2MB.usage_in_bytes': '2097152',
    'sys/fs/cgroup/hugetlb/hugetlb.1GB.limit_in_bytes': '9223372036854771712',
    'sys/fs/cgroup/hugetlb/hugetlb.1GB.usage_in_bytes': '0',
  })
  assert.deepEqual(await count(placeOf), {
    cpuSeconds: 1.872,
    pids: { limit: 100, usage: 12 },
    hugePages: [
      { size: 2 ** 21, limit: 2 ** 22, usage: 2 ** 21 },
      { size: 2 ** 30, limit: null, usage: 0 },
    ],
  })
})

const group2 = {
  'cgroup.controllers': 'cpu memory pids hugetlb',
  'cgroup.type': 'domain',
  'cpu.stat': 'usage_usec 1872000\nnr_periods 120',
  'pids.max': 'max',
  'pids.current': '7',
  'hugetlb.2MB.max': 'max',
  'hugetlb.2MB.current': '0',
  'hugetlb.2MB.rsvd.max': '5',
}

const tree2 = (files: Readonly<Record<string, string>>) => ({
  'proc/self/cgroup': '0::/',
  'proc/self/mountinfo': '29 22 0:26 / /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw',
  ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`sys/fs/cgroup/${name}`, text])),
})

test('version 2 counts all in one folder', async (context) => {
  assert.deepEqual(await count(await placesIn(context, tree2(group2))), {
    cpuSeconds: 1.872,
    pids: { limit: null, usage: 7 },
    hugePages: [{ size: 2 ** 21, limit: null, usage: 0 }],
  })
})

test('what the machine’s own group counts is everybody’s, and not told', async (context) => {
  const { 'cgroup.type': _type, ...machines } = group2
  const { cpuSeconds } = await count(await placesIn(context, tree2(machines)))
  assert.equal(cpuSeconds, null)
})

test('without control groups all is null', async (context) => {
  assert.deepEqual(await count(await placesIn(context, {})), {
    cpuSeconds: null,
    pids: { limit: null, usage: null },
    hugePages: null,
  })
})

test('open files and their limit are those of the process', { skip }, async (context) => {
  const under = ['sh', '-c', 'ulimit -n 300; exec "$@"', 'sh']
  const kuard = await startKuard(context, [], { under })
  const { allowance, usage } = (await kuard.get('/container/api')).json(ContainerReport)
  assert.deepEqual(allowance.openFiles, { soft: 300, hard: 300 })
  assert.equal(usage.openFilesLimit, 300)
  assert.ok(usage.openFiles !== null && usage.openFiles > 3 && usage.openFiles < 300)
  const adjustment = await readFile(`/proc/${kuard.child.pid ?? 0}/oom_score_adj`, 'utf8')
  assert.equal(allowance.oomScoreAdj, Number(adjustment))
})

test(
  'what is used is told once a second to who looks, with its rate since the time before',
  { skip },
  async (context) => {
    const group = makeCgroup(context, 'cpu')
    if (!group) {
      context.skip('control groups can’t be made here')
      return
    }
    group.limitCpu(0.5)
    const kuard = await startKuard(context, [], { under: group.under })
    const events = await readEvents(context, kuard.port, '/events?topics=container')
    const first = await events.latest('container', ContainerUsage, () => true)
    assert.deepEqual([first.cpuQuota, first.cpuCores], [0.5, null])
    const later = await events.latest('container', ContainerUsage, (state) => state.throttledShare !== null)
    assert.equal(later.cpuQuota, 0.5)
    assert.ok(later.throttledShare !== null && later.throttledShare >= 0 && later.throttledShare <= 1)
    assert.ok(Date.parse(later.time) - Date.parse(first.time) >= 400)
    await eventually('three more readings', () => {
      const times = events.states('container', ContainerUsage).map(({ time }) => time)
      return new Set(times).size > 4
    })
  },
)
