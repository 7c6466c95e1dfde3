/** The Pods view on a real cluster: who comes and goes, and every word that kubectl has for how a pod is. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Page } from 'playwright-core'
import { eventually } from '../../support/eventually.ts'
import type { Namespace } from '../../support/cluster.ts'
import { applyAll, container, deployment, pod, podSpec, Viewer } from './viewer.ts'

suite('the Pods view', { concurrency: true }, () => {
  test('a mark comes for each pod that is added, and goes with it', async (context) => {
    const viewer = await Viewer.start(context)
    const { namespace } = viewer
    await applyAll(namespace, deployment('web', 1))
    const page = await viewer.open()
    const ready = page.getByRole('button', { name: /^web-\S+ Ready blue/ })
    const shows = (count: number) =>
      eventually(`${count} marks`, async () => (await ready.count()) === count, 60_000)
    await shows(1)
    await namespace.kubectl('scale', 'deployment', 'web', '--replicas=4')
    await shows(4)
    await page.getByText('5 of 5 pods ready').waitFor()
    await namespace.kubectl('scale', 'deployment', 'web', '--replicas=1')
    await shows(1)
  })

  test('each pod is in the state that kubectl says, and an OOM kill is named', async (context) => {
    const viewer = await Viewer.start(context)
    const { namespace } = viewer
    await applyAll(namespace, ...Object.entries(fates).map(([name, spec]) => pod(name, spec)))
    await namespace.until('pod/stubborn', '.status.phase', /^Running$/)
    await namespace.kubectl('delete', 'pod', 'stubborn', '--wait=false')

    const page = await viewer.open('?as=table')
    const agreed = new Set<string>()
    await eventually(
      'the page to agree with kubectl, on each word once',
      async () => {
        const words = await samplesOf(namespace, page)
        if (!words) return false
        for (const word of words) agreed.add(word)
        return expectedWords.every((word) => agreed.has(word))
      },
      150_000,
      500,
    ).catch((error: unknown) => {
      throw new Error(`they agreed on ${[...agreed].join(', ')}`, { cause: error })
    })
    await page.getByRole('row', { name: /^greedy .*OOMKilled.*137/ }).waitFor()
  })
})

const shell = (script: string, more: object = {}): object =>
  container({ command: ['sh', '-c', script], ...more })
const small = { resources: { limits: { memory: '24Mi' } } }

/** Pods that come to grief, each in its own way, by name. */
const fates: Readonly<Record<string, object>> = {
  waits: podSpec({ nodeSelector: { 'kuard-ts.example/none': '' } }),
  begins: podSpec({ initContainers: [shell('sleep 1000', { name: 'first' })] }),
  'begins-badly': podSpec({ initContainers: [shell('exit 1', { name: 'first' })] }),
  'lacks-image': podSpec({ containers: [container({ image: 'kuard:none' })] }),
  'lacks-setting': podSpec({ containers: [container({ envFrom: [{ configMapRef: { name: 'none' } }] })] }),
  'lacks-volume': podSpec({
    containers: [container({ volumeMounts: [{ name: 'none', mountPath: '/none' }] })],
    volumes: [{ name: 'none', secret: { secretName: 'none' } }],
  }),
  ends: podSpec({ restartPolicy: 'Never', containers: [shell('true')] }),
  fails: podSpec({ restartPolicy: 'Never', containers: [shell('exit 3')] }),
  crashes: podSpec({ containers: [shell('exit 3')] }),
  bursts: podSpec({ restartPolicy: 'Never', containers: [shell('tail /dev/zero', small)] }),
  greedy: podSpec({ containers: [shell('tail /dev/zero', small)] }),
  stubborn: podSpec({ terminationGracePeriodSeconds: 60, containers: [shell('trap "" TERM; sleep 1000')] }),
}

const expectedWords = [
  ...[
    'Pending',
    'Init:0/1',
    'Init:CrashLoopBackOff',
    'ErrImagePull',
    'ImagePullBackOff',
    'CreateContainerConfigError',
  ],
  ...['ContainerCreating', 'Completed', 'Error', 'CrashLoopBackOff', 'OOMKilled', 'Terminating', 'Running'],
]

/** The words for all pods as they were on the page and, before and after, in kubectl's table; undefined where these differ. */
async function samplesOf(namespace: Namespace, page: Page): Promise<string[] | undefined> {
  const before = await inKubectl(namespace)
  const shown = await onPage(page)
  const after = await inKubectl(namespace)
  assert.equal(before.size, Object.keys(fates).length + 1)
  const isSame = [...before].every(([name, word]) => after.get(name) === word && shown.get(name) === word)
  return isSame ? [...before.values()] : undefined
}

async function inKubectl(namespace: Namespace): Promise<Map<string, string>> {
  const table = await namespace.kubectl('get', 'pods', '--no-headers')
  return new Map(
    table.split('\n').map((line) => {
      const [name = '', , word = ''] = line.split(/ +/)
      return [name, word]
    }),
  )
}

/** Ready is this page's word for what runs and is ready. */
async function onPage(page: Page): Promise<Map<string, string>> {
  const rows = await page.getByRole('table', { name: 'Pods' }).getByRole('row').allInnerTexts()
  return new Map(
    rows.slice(1).map((row) => {
      const [name = '', word = ''] = row.split('\t').map((cell) => cell.trim().split(/\s/)[0] ?? '')
      return [name, word === 'Ready' ? 'Running' : word]
    }),
  )
}
