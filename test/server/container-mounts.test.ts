/** The mounts of the Container page: real ones, made as a kubelet makes them, and what the server says that they are. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ContainerReport, type Mount } from '../../server/features/container/wire.ts'
import { hangingFolder, whyNoHangingFolder } from '../support/hanging-folder.ts'
import { startKuard } from '../support/kuard.ts'
import { podMounts } from '../support/pod-mounts.ts'
import { whyNoResolvConf } from '../support/resolv-conf.ts'

const skip = whyNoResolvConf()

/** Starts the server among mounts. @returns what it says of each, by its path below the mount points */
async function mountsOf(context: TestContext, script: string): Promise<(name: string) => Mount> {
  const { under, points } = await podMounts(context, { script })
  const kuard = await startKuard(context, [], { under })
  const { mounts } = (await kuard.get('/container/api')).json(ContainerReport)
  return (name) => {
    const found = mounts?.find(({ path }) => path === (name.startsWith('/') ? name : join(points, name)))
    assert.ok(found, `${name} is not among ${mounts?.map(({ path }) => path).join(' ')}`)
    return found
  }
}

/** Kind, volume and subPath, which are what a manifest says of it. */
const said = ({ kind, volume, subPath }: Mount) => [kind, volume, subPath]

/** Binds a folder of the kubelet's for a volume. */
const bind = (below: string, name: string, more = '') =>
  `mkdir -p "$pod/volumes/${below}" "$v/${name}"; mount --bind "$pod/volumes/${below}" "$v/${name}"; ${more}`

/** What the kubelet writes into a tmpfs of its own, as its AtomicWriter does, and mounts read-only. */
const written = (name: string, file: string) =>
  [
    `mkdir "$v/${name}"; mount -t tmpfs -o size=1m tmpfs "$v/${name}"; cd "$v/${name}"`,
    `mkdir ..2026_11_30_09_33_18.346788430; echo secret >..2026_11_30_09_33_18.346788430/${file}`,
    `ln -s ..2026_11_30_09_33_18.346788430 ..data; ln -s ..data/${file} ${file}; cd /`,
  ].join('\n')

test(
  'a volume in the kubelet’s folder is what its plugin is, by its name, with its subPath',
  { skip },
  async (context) => {
    const mount = await mountsOf(
      context,
      [
        bind('kubernetes.io~empty-dir/cache', 'e'),
        bind('kubernetes.io~empty-dir/cache/a/b', 'esub'),
        bind('kubernetes.io~configmap/settings', 'c', 'mount -o remount,bind,ro "$v/c"'),
        bind('kubernetes.io~configmap/settings/..2026_11_30_09_33_18.4240465132/nested', 'csub'),
        bind('kubernetes.io~csi/pvc-878d017c-7a20-4f9d-9c02-f796858212d1/mount', 'claim'),
        bind('kubernetes.io~csi/certificates/mount', 'csi'),
        bind('kubernetes.io~flocker/old', 'old'),
      ].join('\n'),
    )
    assert.deepEqual(said(mount('e')), ['emptyDir', 'cache', null])
    assert.deepEqual(said(mount('esub')), ['emptyDir', 'cache', 'a/b'])
    assert.deepEqual(said(mount('c')), ['configMap', 'settings', null])
    assert.deepEqual(said(mount('csub')), ['configMap', 'settings', 'nested'])
    assert.deepEqual(said(mount('claim')), ['claim', 'pvc-878d017c-7a20-4f9d-9c02-f796858212d1', null])
    assert.deepEqual(said(mount('csi')), ['csi', 'certificates', null])
    assert.deepEqual(said(mount('old')), ['unknown', 'old', null])
    assert.deepEqual([mount('e').readOnly, mount('c').readOnly], [false, true])
    assert.deepEqual(said(mount('/etc/hosts')), ['file of the kubelet', null, null])
    assert.deepEqual(said(mount('/etc/resolv.conf')), ['file of the kubelet', null, null])
    assert.deepEqual([mount('/etc/hosts').isFolder, mount('e').isFolder], [false, true])
  },
)

test('of what is in memory it says no more than shows', { skip }, async (context) => {
  const mount = await mountsOf(
    context,
    [
      'mkdir "$v/em" "$v/emsub" "$v/run" "$v/spass.d"; mount -t tmpfs -o size=10m tmpfs "$v/em"',
      'mkdir "$v/em/q"; dd if=/dev/zero of="$v/em/q/file" bs=1M count=3 2>/dev/null',
      'mount --bind "$v/em/q" "$v/emsub"',
      'mount -t tmpfs -o size=10m,mode=755,nosuid,nodev tmpfs "$v/run"',
      written('s', 'password'),
      'touch "$v/spass"; mount --bind "$v"/s/..2026*/password "$v/spass"; mount -o remount,bind,ro "$v/s"',
    ].join('\n'),
  )
  assert.deepEqual(said(mount('em')), ['emptyDir in memory', null, null])
  assert.deepEqual(said(mount('emsub')), ['emptyDir in memory', null, 'q'])
  assert.deepEqual([mount('em').size, mount('em').used], [10 * 2 ** 20, 3 * 2 ** 20])
  assert.deepEqual(said(mount('s')), ['secret, projected or downwardAPI', null, null])
  assert.deepEqual(said(mount('spass')), ['secret, projected or downwardAPI', null, 'password'])
  assert.equal(mount('run').kind, 'unknown')
  assert.match(mount('run').why, /isn’t mounted as the kubelet does it/)
})

test('the token of the service account is known by where it is', { skip }, async (context) => {
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount'
  const mount = await mountsOf(
    context,
    [
      // Whatever this machine has there stays.
      'mount -t tmpfs none /run; mkdir -p /run/secrets/kubernetes.io/serviceaccount',
      written('t', 'token'),
      `mount --bind "$v/t" ${folder}`,
    ].join('\n'),
  )
  const [path] = spawnSync('realpath', ['-m', folder], { encoding: 'utf8' }).stdout.split('\n')
  assert.deepEqual(said(mount(path ?? folder)), ['service account token', null, null])
  assert.deepEqual(said(mount('t')), ['secret, projected or downwardAPI', null, null])
})

test(
  'a folder of the node is a hostPath, but for one that has the name of a volume made for a claim',
  { skip },
  async (context) => {
    const claim = 'pvc-878d017c-7a20-4f9d-9c02-f796858212d1'
    const mount = await mountsOf(
      context,
      [
        `mkdir -p "$node/share/inner" "$node/${claim}_default_database/zz" "$v/h" "$v/cl" "$v/clsub"`,
        'mkdir -p "${pod%/*}/00000000-0000-4000-8000-000000000000/volumes/kubernetes.io~secret/x" "$v/other"',
        'mount --bind "$node/share" "$v/h"; mount -t tmpfs -o size=1m tmpfs "$v/h/inner"',
        `mount --bind "$node/${claim}_default_database" "$v/cl"; mount --bind "$node/${claim}_default_database/zz" "$v/clsub"`,
        'mount --bind "${pod%/*}/00000000-0000-4000-8000-000000000000/volumes/kubernetes.io~secret/x" "$v/other"',
      ].join('\n'),
    )
    assert.deepEqual(said(mount('h')), ['hostPath', null, null])
    assert.match(mount('h').why, /\/srv\/share of the node’s file system/)
    assert.deepEqual(said(mount('cl')), ['claim', claim, null])
    assert.deepEqual(said(mount('clsub')), ['claim', claim, 'zz'])
    assert.equal(mount('other').kind, 'hostPath')
    assert.equal(mount('h/inner').kind, 'unknown')
    assert.match(mount('h/inner').why, /may have come with it/)
  },
)

test('of two mounts at one place the one that is seen is told', { skip }, async (context) => {
  const { under, points } = await podMounts(context, {
    script: [bind('kubernetes.io~empty-dir/below', 'e'), 'mount -t tmpfs -o size=1m tmpfs "$v/e"'].join('\n'),
  })
  const kuard = await startKuard(context, [], { under })
  const { mounts } = (await kuard.get('/container/api')).json(ContainerReport)
  const there = mounts?.filter(({ path }) => path === join(points, 'e')) ?? []
  assert.deepEqual(
    there.map(({ kind }) => kind),
    ['emptyDir in memory'],
  )
})

test('outside of a pod nothing is taken for a volume, and figures are those of statfs', async (context) => {
  const kuard = await startKuard(context)
  const { mounts } = (await kuard.get('/container/api')).json(ContainerReport)
  if (mounts === null) return
  const proc = mounts.find(({ path }) => path === '/proc')
  assert.deepEqual([proc?.kind, proc?.size], ['kernel', null])
  const root = mounts.find(({ path }) => path === '/')
  const { stdout } = spawnSync('stat', ['--file-system', '--format=%b %S', '/'], { encoding: 'utf8' })
  const [blocks, size] = stdout.trim().split(' ').map(Number)
  assert.equal(root?.size, (blocks ?? 0) * (size ?? 0))
})

test(
  'a mount that hangs is told without its size, each time within seconds, and keeps nothing from the others',
  { skip: skip || whyNoHangingFolder() },
  async (context) => {
    const { under, points, node } = await podMounts(context, {
      script: [
        bind('kubernetes.io~empty-dir/cache', 'e'),
        'for i in 1 2 3; do mkdir "$v/hang$i"; mount --bind "$node/hangs$i" "$v/hang$i"; done',
      ].join('\n'),
    })
    mkdirSync(node, { recursive: true })
    for (const number of [1, 2, 3]) hangingFolder(context, join(node, `hangs${number}`))
    const kuard = await startKuard(context, [], { under })
    for (const time of ['first', 'second']) {
      const { mounts } = (await kuard.get('/container/api')).json(ContainerReport)
      const at = (name: string) => mounts?.find(({ path }) => path === join(points, name))
      assert.deepEqual(
        [at('hang1')?.size, at('hang3')?.size, at('hang1')?.isFolder],
        [null, null, null],
        time,
      )
      assert.ok((at('e')?.size ?? 0) > 0, time)
    }
    assert.equal((await kuard.get('/healthy')).status, 200)
  },
)
