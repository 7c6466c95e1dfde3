/** The Cluster tab's view "Storage": claims with their volumes and classes, and why one waits. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeSpec,
} from 'kubernetes-types/core/v1.d.ts'
import type { StorageClass } from 'kubernetes-types/storage/v1.d.ts'
import { eventEntry } from '../../server/features/cluster/event.ts'
import { podEntry } from '../../server/features/cluster/pod.ts'
import { claimEntry, storageClassEntry, volumeEntry } from '../../server/features/cluster/storage.ts'
import type { Pod } from '../../server/features/cluster/wire.ts'
import { claimVerdict, reclaimWords, type Surroundings } from '../../ui/src/tabs/cluster/storage/claim.ts'
import { whyUnfit } from '../../ui/src/tabs/cluster/storage/fit.ts'
import { holdersOf, mountersOf, podsByClaim } from '../../ui/src/tabs/cluster/storage/mounters.ts'
import { othersWords, ownOrFree } from '../../ui/src/tabs/cluster/storage/volumes.ts'
import { ago, claim, event, meta, pod, type PodTraits } from '../support/api-objects.ts'
import { startApiServer } from '../support/api-server.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { startPodIn } from '../support/pod.ts'

function volume(
  name: string,
  spec: Partial<PersistentVolumeSpec> = {},
  phase = 'Available',
): PersistentVolume {
  const { namespace: _none, ...metadata } = meta({ name })
  return {
    metadata,
    spec: {
      accessModes: ['ReadWriteOnce'],
      capacity: { storage: '1Gi' },
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: '/srv' },
      ...spec,
    },
    status: { phase },
  }
}

function storageClass(name: string, isDefault = false, provisioner = 'rancher.io/local-path'): StorageClass {
  const annotations = isDefault ? { 'storageclass.kubernetes.io/is-default-class': 'true' } : {}
  const { namespace: _none, ...metadata } = meta({ name, annotations })
  return { metadata, provisioner, volumeBindingMode: 'WaitForFirstConsumer', reclaimPolicy: 'Delete' }
}

/** A claim that waits. @param spec what it has instead: a class that is undefined is left out */
function pendingClaim(
  name: string,
  spec: { readonly storageClassName?: string; readonly volumeName?: string },
): PersistentVolumeClaim {
  const made = claim({ name, phase: 'Pending' })
  const { storageClassName: _class, ...rest } = made.spec ?? {}
  return { ...made, spec: { ...rest, ...spec } }
}

const mounting = (name: string, claimName: string, traits: Partial<PodTraits> = {}) =>
  pod({
    name,
    ...traits,
    spec: {
      containers: [{ name: 'main', image: 'kuard:blue' }],
      volumes: [{ name: 'storage', persistentVolumeClaim: { claimName } }],
      ...traits.spec,
    },
  })

/** What the page makes of a claim. */
function said(reported: PersistentVolumeClaim, around: Partial<Surroundings> = {}) {
  const classes = [storageClassEntry(storageClass('local-path', true))]
  const verdict = claimVerdict(claimEntry(reported), {
    ...{ namespace: 'default', classes, volumes: [], pods: [], events: [] },
    ...around,
  })
  return { ...verdict, commands: verdict.mends.map(({ command }) => command) }
}

const told = (about: PersistentVolumeClaim, reason: string, message: string) =>
  eventEntry(event({ about: { kind: 'PersistentVolumeClaim', ...about }, reason, message }))

test('a claim of a class that isn’t there says so, and which classes there are', () => {
  const verdict = said(pendingClaim('data', { storageClassName: 'fast' }))
  assert.deepEqual([verdict.state, verdict.word], ['bad', 'no such class'])
  assert.match(verdict.words, /^There is no class fast\. There is local-path \(the default\)\./)
  assert.deepEqual(verdict.commands, ['delete pvc data'])
})

test('a claim that waits for the first pod to mount it is no error', () => {
  const verdict = said(pendingClaim('data', { storageClassName: 'local-path' }))
  assert.deepEqual([verdict.state, verdict.word], ['idle', 'waits for a pod'])
  assert.match(verdict.words, /Nothing is wrong/)
})

test('where a pod mounts it, a claim waits for that pod’s node, and then for its volume to be made', () => {
  const reported = pendingClaim('data', { storageClassName: 'local-path' })
  const unscheduled = podEntry(mounting('web', 'data', { state: 'Pending' }))
  const waiting = said(reported, { pods: [unscheduled] })
  assert.deepEqual([waiting.state, waiting.word], ['caution', 'waits for a node'])
  assert.match(waiting.words, /^Pod web mounts it, and has no node yet: 0\/1 nodes are available/)
  const scheduled = podEntry(mounting('web', 'data', { state: 'ContainerCreating' }))
  const made = said(reported, { pods: [scheduled] })
  assert.equal(made.word, 'being made')
  assert.match(made.words, /by rancher.io\/local-path/)
  // While a volume is made its pod has no node yet, as the scheduler waits for it.
  const events = [
    told(reported, 'ExternalProvisioning', 'waiting'),
    told(reported, 'WaitForPodScheduled', 'x'),
  ]
  assert.equal(said(reported, { pods: [unscheduled], events }).word, 'being made')
  const { message: _message, ...unseen } = unscheduled
  const fresh = said(reported, { pods: [unseen] })
  assert.deepEqual([fresh.state, fresh.word], ['idle', 'waits for a node'])
})

test('what a provisioner could not do is told in its own words', () => {
  const reported = pendingClaim('data', { storageClassName: 'local-path' })
  const events = [told(reported, 'ProvisioningFailed', 'the disk is full')]
  const verdict = said(reported, { events })
  assert.deepEqual([verdict.state, verdict.word], ['bad', 'not made'])
  assert.match(verdict.words, /the disk is full$/)
})

test('without the right to read classes, the events tell what a claim waits for', () => {
  const reported = pendingClaim('data', { storageClassName: 'local-path' })
  const events = [told(reported, 'WaitForFirstConsumer', 'waiting for first consumer')]
  const verdict = said(reported, { classes: undefined, volumes: undefined, events })
  assert.equal(verdict.word, 'waits for a pod')
})

test('a claim that names no class waits for a default one, and the page says how to make one the default', () => {
  const reported = pendingClaim('data', {})
  const classes = [storageClassEntry(storageClass('slow'))]
  const verdict = said(reported, { classes })
  assert.equal(verdict.word, 'no default class')
  assert.match(verdict.words, /none is the default of slow/)
  assert.match(verdict.commands[0] ?? '', /^annotate storageclass slow --overwrite .*is-default-class=true$/)
  assert.equal(said(reported).word, 'waits for its class')
})

test('a claim of no class says of each volume why it doesn’t fit', () => {
  const reported = pendingClaim('data', { storageClassName: '' })
  assert.match(said(reported).words, /There is no volume of that kind/)
  const volumes = [
    volume('small', { capacity: { storage: '512Mi' } }),
    volume('read-only', { accessModes: ['ReadOnlyMany'] }),
    volume('taken', { claimRef: { namespace: 'other', name: 'theirs' } }, 'Bound'),
    volume('classy', { storageClassName: 'fast' }),
  ].map(volumeEntry)
  const { word, words } = said(reported, { volumes })
  assert.equal(word, 'no volume fits')
  assert.match(
    words,
    /small: too small, 512 MiB of 1\.0 GiB; read-only: not ReadWriteOnce; taken: of other\/theirs\.$/,
  )
})

test('a claim of a class that makes no volumes waits for a pod, if the class says so, then for a volume that fits', () => {
  const reported = pendingClaim('data', { storageClassName: 'local' })
  const local = storageClass('local', false, 'kubernetes.io/no-provisioner')
  const classes = [storageClassEntry(local)]
  const [one, small] = [
    volume('one', { storageClassName: 'local' }),
    volume('small', { storageClassName: 'local', capacity: { storage: '1Mi' } }),
  ].map(volumeEntry)
  assert.ok(one && small)
  const [pending, bound] = [mounting('web', 'data', { state: 'Pending' }), mounting('web', 'data')].map(
    podEntry,
  )
  assert.ok(pending && bound)
  const state = (around: Partial<Surroundings>) => {
    const verdict = said(reported, { classes, ...around })
    return [verdict.state, verdict.word]
  }
  assert.deepEqual(state({ volumes: [one] }), ['idle', 'waits for a pod'])
  assert.deepEqual(state({ volumes: [one], pods: [bound] }), ['idle', 'about to be bound'])
  assert.deepEqual(state({ volumes: [one], pods: [pending] }), ['caution', 'waits for a node'])
  assert.deepEqual(state({ volumes: [small], pods: [pending] }), ['bad', 'no volume fits'])
  assert.deepEqual(state({ volumes: undefined, pods: [bound] }), ['caution', 'waits for a volume'])
  const atOnce = [storageClassEntry({ ...local, volumeBindingMode: 'Immediate' })]
  assert.deepEqual(state({ classes: atOnce, volumes: [small] }), ['bad', 'no volume fits'])
  assert.deepEqual(state({ classes: atOnce, volumes: [small, one] }), ['idle', 'about to be bound'])
  assert.deepEqual(state({ classes: [], volumes: [one] }), ['idle', 'about to be bound'])
})

test('a volume fits by size, access modes, mode and labels, and isn’t given out again by itself', () => {
  const wanted = claimEntry(pendingClaim('data', { storageClassName: '' }))
  const fits = (spec: Partial<PersistentVolumeSpec>, phase?: string) =>
    whyUnfit(wanted, 'default', volumeEntry(volume('one', spec, phase)))
  assert.equal(fits({}), undefined)
  assert.equal(fits({ volumeMode: 'Block' }), 'Block, not Filesystem')
  assert.match(fits({}, 'Released') ?? '', /^Released/)
  assert.equal(fits({ claimRef: { namespace: 'default', name: 'data' } }), undefined)
  assert.equal(fits({ claimRef: { namespace: 'other', name: 'data' } }), 'of other/data')
  assert.match(
    whyUnfit({ ...wanted, selector: 'disk=ssd' }, 'default', volumeEntry(volume('one'))) ?? '',
    /^not selected by disk=ssd$/,
  )
})

test('a claim that is deleted stays as long as a pod that has a node names it, one that has ended too', () => {
  const reported = claim({ name: 'data' })
  const deleted = { ...reported, metadata: { ...reported.metadata, deletionTimestamp: ago(5) } }
  const verdict = said(deleted, { pods: [podEntry(mounting('web', 'data'))] })
  assert.deepEqual([verdict.state, verdict.word], ['caution', 'Terminating'])
  assert.match(verdict.words, /as long as web has it .*pvc-protection/)
  assert.deepEqual(verdict.commands, ['delete pods web'])
  const done = podEntry(mounting('done', 'data', { state: 'Completed' }))
  const unscheduled = podEntry(mounting('new', 'data', { state: 'Pending' }))
  assert.deepEqual(said(deleted, { pods: [done, unscheduled] }).commands, ['delete pods done'])
  assert.match(said(deleted, { pods: [unscheduled] }).words, /goes any moment/)
})

test('a bound claim is bound, a lost one has lost its volume', () => {
  assert.equal(said(claim({ name: 'data' })).word, 'Bound')
  assert.match(said(claim({ name: 'data', phase: 'Lost' })).words, /^The volume pv-data is gone/)
  assert.match(reclaimWords('Delete'), /goes with the claim/)
  assert.match(reclaimWords('Retain'), /stays when the claim goes/)
})

test('pods that are over mount nothing, and a claim made for a pod alone is its own', () => {
  const ephemeral = pod({
    name: 'web',
    spec: { containers: [{ name: 'main', image: 'x' }], volumes: [{ name: 'scratch', ephemeral: {} }] },
  })
  const found = podsByClaim(
    [mounting('done', 'data', { state: 'Completed' }), mounting('a', 'data'), ephemeral].map(podEntry),
  )
  const names = (pods: readonly Pod[]) => pods.map(({ name }) => name)
  assert.deepEqual(
    [...found].map(([claimName, pods]) => [claimName, names(mountersOf(pods)), names(holdersOf(pods))]),
    [
      ['data', ['a'], ['done', 'a']],
      ['web-scratch', ['web'], ['web']],
    ],
  )
})

test('volumes of other namespaces are counted, and not shown', () => {
  const of = (name: string, namespace: string) =>
    volume(name, { claimRef: { namespace, name: 'data' } }, 'Bound')
  const volumes = [of('own', 'default'), volume('free'), of('a', 'x'), of('b', 'x'), of('c', 'y')].map(
    volumeEntry,
  )
  assert.deepEqual(
    ownOrFree(volumes, 'default').map(({ name }) => name),
    ['own', 'free'],
  )
  assert.equal(othersWords(volumes, 'default'), '3 volumes of 2 other namespaces')
  assert.equal(othersWords([], 'default'), undefined)
})

test('/-/cluster/storage: a claim leads to its volume, its class and its pods, and follows what becomes of it', async (context) => {
  const api = await startApiServer(context)
  api.put('storageclasses', storageClass('local-path', true))
  const waiting = pendingClaim('data', { storageClassName: 'local-path' })
  api.put('persistentvolumeclaims', waiting)
  const { kuard } = await startPodIn(context, api, { name: 'web-1' })
  const page = await openPage(context, kuard, '/-/cluster/storage')
  const row = page.getByRole('table', { name: 'Claims' }).getByRole('row').filter({ hasText: 'data' })
  await row.getByText('waits for a pod').first().waitFor()

  api.put('pods', mounting('web-1', 'data'))
  const affinity = { key: 'kubernetes.io/hostname', operator: 'In', values: ['node-2'] }
  const made = volume(
    'pv-data',
    {
      claimRef: { namespace: 'default', name: 'data' },
      persistentVolumeReclaimPolicy: 'Delete',
      storageClassName: 'local-path',
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [affinity] }] } },
    },
    'Bound',
  )
  api.put('persistentvolumes', made)
  api.put('persistentvolumeclaims', {
    ...claim({ name: 'data', storageClass: 'local-path' }),
    ...(waiting.metadata ? { metadata: waiting.metadata } : {}),
  })
  await row.getByText('Bound').waitFor()
  await row
    .getByRole('cell', {
      name: /pv-data 1\.0 GiB given hostPath, on node-2 alone Delete: it goes with the claim, and what is on it too/,
    })
    .waitFor()
  await row
    .getByRole('cell')
    .last()
    .getByRole('img', { name: /^web-1: Ready, blue, this pod/ })
    .waitFor()
  await page.getByRole('table', { name: 'Classes of storage' }).getByText('default').waitFor()
})

test('/-/cluster/storage: without rights to volumes and classes the claims are shown all the same, and the page says what is missing', async (context) => {
  const api = await startApiServer(context)
  api.forbid('persistentvolumes', 'storageclasses')
  api.put('persistentvolumeclaims', claim({ name: 'data' }))
  const { kuard } = await startPodIn(context, api)
  const page = await openPage(context, kuard, '/-/cluster/storage')
  await page.getByRole('table', { name: 'Claims' }).getByText('Bound').waitFor()
  await page.getByText(/Left out: persistentvolumes and storageclasses/).waitFor()
  assert.equal(await page.getByRole('heading', { name: 'Classes' }).count(), 0)
})

test('/-/cluster/storage: 200 claims, and names as long as there can be, are axe-clean at each width and none is wider than the window', async (context) => {
  const api = await startApiServer(context)
  api.put('storageclasses', storageClass('local-path', true))
  const long = `z${'long-name.'.repeat(25)}z`
  for (let number = 0; number < 199; number += 1) {
    const name = `data-${String(number).padStart(3, '0')}`
    api.put('persistentvolumeclaims', claim({ name }))
    api.put('pods', mounting(`pod-${name}`, name))
  }
  api.put('persistentvolumeclaims', pendingClaim(long, { storageClassName: long }))
  const { kuard } = await startPodIn(context, api)
  const page = await openPage(context, kuard, '/-/cluster/storage')
  await page.getByText('200 claims').waitFor()
  await page.getByRole('searchbox', { name: 'Filter' }).first().fill('1')
  await page.getByRole('searchbox', { name: 'Filter' }).first().fill('no such')
  await page.getByText('no such class').waitFor()
  for (const width of [1920, 910, 900, 360]) {
    await page.setViewportSize({ width, height: 900 })
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))')
    const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
    assert.ok(wide <= width, `${wide} px wide in ${width}`)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      assert.deepEqual(await accessibilityViolations(page), [], `${colorScheme}, ${width} px wide`)
    }
  }
})
