/** The reading of control groups, on trees of files as kernels and container runtimes show them. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { noCgroup, readCgroup } from '../../server/host/cgroup.ts'

const mebibyte = 2 ** 20

/** Writes files into a folder that stands for /, and reads the control groups there. */
function readTree(context: TestContext, files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(join(tmpdir(), 'kuard-cgroup-'))
  context.after(() => {
    rmSync(root, { recursive: true })
  })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text === '' ? '' : `${text}\n`)
  }
  return readCgroup(root)
}

/** The files of one group. */
const inFolder = (folder: string, files: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [join(folder, name), text]))

/** /proc/self with one mount of version 2. */
const proc2 = (path: string, mountRoot = '/', mountPoint = '/sys/fs/cgroup') => ({
  'proc/self/cgroup': `0::${path}`,
  'proc/self/mountinfo': [
    '22 28 0:20 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw',
    `29 22 0:26 ${mountRoot} ${mountPoint} rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot`,
  ].join('\n'),
})

const group2 = {
  'cgroup.controllers': 'cpuset cpu io memory pids',
  'memory.max': '134217728',
  'memory.current': '31457280',
  'memory.swap.max': '0',
  'memory.swap.current': '4096',
  'memory.events': 'low 0\nhigh 0\nmax 41\noom 3\noom_kill 2\noom_group_kill 0',
  'cpu.max': '50000 100000',
  'cpu.weight': '20',
  'cpu.stat':
    'usage_usec 1872000\nuser_usec 1500000\nsystem_usec 372000\nnr_periods 120\nnr_throttled 17\nthrottled_usec 903500\nnr_bursts 0\nburst_usec 0',
}

const figures2 = {
  memory: {
    version: 2,
    limit: 128 * mebibyte,
    usage: 30 * mebibyte,
    swapLimit: 0,
    swapUsage: 4096,
    oomKills: 2,
  },
  cpu: {
    version: 2,
    quota: 0.5,
    shares: null,
    weight: 20,
    periods: 120,
    throttledPeriods: 17,
    throttledSeconds: 0.9035,
  },
}

test('version 2 in a container with a namespace of its own', async (context) => {
  const tree = { ...proc2('/'), ...inFolder('sys/fs/cgroup', group2) }
  assert.deepEqual(await readTree(context, tree), figures2)
})

test('version 2 on a host, below the mount', async (context) => {
  const tree = {
    ...proc2('/system.slice/kuard.service'),
    ...inFolder('sys/fs/cgroup', { 'cgroup.controllers': 'cpu memory' }),
    ...inFolder('sys/fs/cgroup/system.slice/kuard.service', group2),
  }
  assert.deepEqual(await readTree(context, tree), figures2)
})

test("version 2 where the mount shows only the container's part", async (context) => {
  const tree = { ...proc2('/kubepods/pod1/c1', '/kubepods/pod1/c1'), ...inFolder('sys/fs/cgroup', group2) }
  assert.deepEqual(await readTree(context, tree), figures2)
})

test('a mount point with a blank in its name is found', async (context) => {
  const tree = { ...proc2('/', '/', '/my\\040groups'), ...inFolder('my groups', group2) }
  assert.deepEqual(await readTree(context, tree), figures2)
})

for (const path of ['/kubepods/pod1/not-visible', '/../../other']) {
  test(`a path that can't be seen, ${path}, is looked for at the mount, and taken only if it has this process`, async (context) => {
    const mine = { ...group2, 'cgroup.procs': `1\n${process.pid}\n99999999` }
    assert.deepEqual(
      await readTree(context, { ...proc2(path), ...inFolder('sys/fs/cgroup', mine) }),
      figures2,
    )
    const foreign = { ...group2, 'cgroup.procs': '1\n99999999' }
    assert.deepEqual(
      await readTree(context, { ...proc2(path), ...inFolder('sys/fs/cgroup', foreign) }),
      noCgroup,
    )
  })
}

test('version 2 without limits has null for each', async (context) => {
  const unlimited = { ...group2, 'memory.max': 'max', 'memory.swap.max': 'max', 'cpu.max': 'max 100000' }
  const { memory, cpu } = await readTree(context, { ...proc2('/'), ...inFolder('sys/fs/cgroup', unlimited) })
  assert.deepEqual(memory, { ...figures2.memory, limit: null, swapLimit: null })
  assert.deepEqual(cpu, { ...figures2.cpu, quota: null })
})

test('a lower limit of a group above counts', async (context) => {
  const pod = { 'memory.max': '67108864', 'cpu.max': '100000 400000', 'memory.swap.max': 'max' }
  const { memory, cpu } = await readTree(context, {
    ...proc2('/pod/container'),
    ...inFolder('sys/fs/cgroup', { 'cgroup.controllers': 'cpu memory' }),
    ...inFolder('sys/fs/cgroup/pod', pod),
    ...inFolder('sys/fs/cgroup/pod/container', group2),
  })
  assert.deepEqual([memory.limit, memory.swapLimit, cpu.quota], [64 * mebibyte, 0, 0.25])
})

test('version 2 without swap accounting has null for swap', async (context) => {
  const { 'memory.swap.max': _max, 'memory.swap.current': _current, ...withoutSwap } = group2
  const { memory } = await readTree(context, { ...proc2('/'), ...inFolder('sys/fs/cgroup', withoutSwap) })
  assert.deepEqual(memory, { ...figures2.memory, swapLimit: null, swapUsage: null })
})

test('the root group of version 2 has no figures but what the kernel counts', async (context) => {
  const tree = {
    ...proc2('/'),
    ...inFolder('sys/fs/cgroup', {
      'cgroup.controllers': 'cpu memory',
      'cpu.stat': 'usage_usec 1\nuser_usec 1\nsystem_usec 0',
    }),
  }
  const { memory, cpu } = await readTree(context, tree)
  assert.deepEqual(memory, { ...noCgroup.memory, version: 2 })
  assert.deepEqual(cpu, { ...noCgroup.cpu, version: 2 })
})

const proc1 = (path: string, mountRoot: string) => ({
  'proc/self/cgroup': `12:cpuset:${path}\n5:cpu,cpuacct:${path}\n4:memory:${path}\n1:name=systemd:${path}\n0::/`,
  'proc/self/mountinfo': [
    '31 23 0:28 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755',
    `34 31 0:31 ${mountRoot} /sys/fs/cgroup/cpuset ro shared:11 - cgroup cgroup rw,cpuset`,
    `32 31 0:29 ${mountRoot} /sys/fs/cgroup/cpu,cpuacct ro master:1 shared:12 - cgroup cgroup rw,cpu,cpuacct`,
    `35 31 0:32 ${mountRoot} /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory`,
    '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
  ].join('\n'),
  'sys/fs/cgroup/unified/cgroup.controllers': '',
})

const memory1 = {
  'memory.limit_in_bytes': '268435456',
  'memory.usage_in_bytes': '31457280',
  'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 2',
  'memory.stat':
    'cache 0\nrss 1\nswap 0\nhierarchical_memory_limit 134217728\nhierarchical_memsw_limit 201326592\ntotal_swap 4096',
}

const cpu1 = {
  'cpu.cfs_quota_us': '50000',
  'cpu.cfs_period_us': '100000',
  'cpu.shares': '512',
  'cpu.stat': 'nr_periods 120\nnr_throttled 17\nthrottled_time 903500000',
}

const figures1 = {
  memory: { ...figures2.memory, version: 1, swapLimit: 64 * mebibyte },
  cpu: { ...figures2.cpu, version: 1, shares: 512, weight: null },
}

test("version 1 in a container with the host's namespace", async (context) => {
  const tree = {
    ...proc1('/docker/c1', '/docker/c1'),
    ...inFolder('sys/fs/cgroup/memory', memory1),
    ...inFolder('sys/fs/cgroup/cpu,cpuacct', cpu1),
  }
  assert.deepEqual(await readTree(context, tree), figures1)
})

test('version 1 on a host, with a lower CPU quota above', async (context) => {
  const tree = {
    ...proc1('/pod/c1', '/'),
    ...inFolder('sys/fs/cgroup/memory/pod/c1', memory1),
    ...inFolder('sys/fs/cgroup/cpu,cpuacct', { 'cpu.cfs_quota_us': '-1', 'cpu.cfs_period_us': '100000' }),
    ...inFolder('sys/fs/cgroup/cpu,cpuacct/pod', {
      'cpu.cfs_quota_us': '20000',
      'cpu.cfs_period_us': '100000',
    }),
    ...inFolder('sys/fs/cgroup/cpu,cpuacct/pod/c1', cpu1),
  }
  assert.deepEqual(await readTree(context, tree), { ...figures1, cpu: { ...figures1.cpu, quota: 0.2 } })
})

for (const [pages, unlimited] of [
  ['4 KiB', '9223372036854771712'],
  ['64 KiB', '9223372036854710272'],
] as const) {
  test(`version 1 without limits has null for each, with pages of ${pages}`, async (context) => {
    const { memory, cpu } = await readTree(context, {
      ...proc1('/', '/'),
      ...inFolder('sys/fs/cgroup/memory', {
        ...memory1,
        'memory.limit_in_bytes': unlimited,
        'memory.stat': `hierarchical_memory_limit ${unlimited}\nhierarchical_memsw_limit ${unlimited}\ntotal_swap 0`,
      }),
      ...inFolder('sys/fs/cgroup/cpu,cpuacct', { ...cpu1, 'cpu.cfs_quota_us': '-1' }),
    })
    assert.deepEqual(memory, { ...figures1.memory, limit: null, swapLimit: null, swapUsage: 0 })
    assert.deepEqual(cpu, { ...figures1.cpu, quota: null })
  })
}

test('the root group of version 1 has no figures of memory, since they are those of the machine', async (context) => {
  const { memory } = await readTree(context, {
    ...proc1('/', '/'),
    ...inFolder('sys/fs/cgroup/memory', { ...memory1, release_agent: '' }),
  })
  assert.deepEqual(memory, { ...noCgroup.memory, version: 1 })
})

test('version 1 before Linux 4.13 counts no kills, and without swap accounting no swap', async (context) => {
  const { memory } = await readTree(context, {
    ...proc1('/', '/'),
    ...inFolder('sys/fs/cgroup/memory', {
      ...memory1,
      'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0',
      'memory.stat': 'cache 0\nhierarchical_memory_limit 134217728',
    }),
  })
  assert.deepEqual(memory, { ...figures1.memory, swapLimit: null, swapUsage: null, oomKills: null })
})

test('a machine may have memory in version 1 and the CPU in version 2', async (context) => {
  const { memory, cpu } = await readTree(context, {
    'proc/self/cgroup': '4:memory:/c1\n0::/c1',
    'proc/self/mountinfo': [
      '35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
      '41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
    ].join('\n'),
    ...inFolder('sys/fs/cgroup/memory/c1', memory1),
    ...inFolder('sys/fs/cgroup/unified', { 'cgroup.controllers': 'cpu' }),
    ...inFolder('sys/fs/cgroup/unified/c1', group2),
  })
  assert.deepEqual({ memory, cpu }, { memory: figures1.memory, cpu: figures2.cpu })
})

for (const [what, files] of Object.entries({
  'no /proc': {},
  'no mount': { ...proc2('/'), 'proc/self/mountinfo': '22 28 0:20 / /sys rw - sysfs sysfs rw' },
  'a controller that is not in the hierarchy': {
    ...proc2('/'),
    ...inFolder('sys/fs/cgroup', { 'cgroup.controllers': 'pids' }),
  },
  'files of nonsense': {
    'proc/self/cgroup': 'nonsense\n::\n0:',
    'proc/self/mountinfo': 'nonsense - \n - - -',
  },
  'a group that was removed': { ...proc2('/gone (deleted)'), ...inFolder('sys/fs/cgroup', group2) },
})) {
  test(`with ${what} every figure is null`, async (context) => {
    assert.deepEqual(await readTree(context, files), noCgroup)
  })
}

test('figures that are no numbers are null', async (context) => {
  const nonsense = Object.fromEntries(Object.keys(group2).map((name) => [name, 'x y z']))
  const tree = {
    ...proc2('/'),
    ...inFolder('sys/fs/cgroup', { ...nonsense, 'cgroup.controllers': 'cpu memory' }),
  }
  const { memory, cpu } = await readTree(context, tree)
  assert.deepEqual(memory, { ...noCgroup.memory, version: 2 })
  assert.deepEqual(cpu, { ...noCgroup.cpu, version: 2 })
})
