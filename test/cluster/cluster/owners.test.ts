/** The Owners view on a real cluster: pods that change their place, and each kind of Job. */
import { suite, test } from 'node:test'
import { applyAll, container, deployment, podSpec, Viewer } from './viewer.ts'

const patience = { timeout: 60_000 }

suite('the Owners view', { concurrency: true }, () => {
  test('a pod in quarantine leaves its ReplicaSet, and comes back once its labels match again', async (context) => {
    const viewer = await Viewer.start(context)
    const { namespace } = viewer
    await applyAll(namespace, deployment('web', 2))
    await namespace.wait('deployment/web', 'condition=Available')
    const [quarantined = ''] = await namespace.names('pods', 'app=web')
    const set = await namespace.read(`pod/${quarantined}`, '.metadata.ownerReferences[0].name')
    const page = await viewer.open('/owners')
    const owned = page.getByRole('list', { name: `pods of ${set}` })
    const free = page.getByRole('list', { name: 'pods without an owner' })
    const mark = { name: new RegExp(`^${quarantined}: `) }
    await owned.getByRole('link', mark).waitFor(patience)

    await namespace.kubectl('label', 'pod', quarantined, 'app=quarantine', '--overwrite')
    await free.getByRole('link', mark).waitFor(patience)
    await page
      .getByRole('log')
      .getByText(/its labels no longer match .*app=web/)
      .waitFor()
    await namespace.kubectl('scale', 'deployment', 'web', '--replicas=3')
    await owned.getByRole('link').nth(2).waitFor(patience)

    await namespace.kubectl('label', 'pod', quarantined, 'app=web', '--overwrite')
    await page.getByRole('log').getByText(`was adopted by ReplicaSet ${set}`).waitFor(patience)
  })

  test('what is deleted without what it owns leaves it behind: a ReplicaSet, and then its pods', async (context) => {
    const viewer = await Viewer.start(context)
    const { namespace } = viewer
    await applyAll(namespace, deployment('web', 2))
    await namespace.wait('deployment/web', 'condition=Available')
    const [set = ''] = await namespace.names('replicasets', 'app=web')
    const page = await viewer.open('/owners')
    const log = page.getByRole('log')
    await page
      .getByRole('list', { name: `pods of ${set}` })
      .getByRole('link')
      .nth(1)
      .waitFor(patience)

    await namespace.kubectl('delete', 'deployment', 'web', '--cascade=orphan')
    await log
      .getByText(`ReplicaSet ${set} left Deployment web, which was deleted with --cascade=orphan`)
      .waitFor(patience)
    await page.getByRole('heading', { name: 'ReplicaSets 1' }).waitFor(patience)

    await namespace.kubectl('delete', 'replicaset', set, '--cascade=orphan')
    await log
      .getByText(`left ReplicaSet ${set}, which was deleted with --cascade=orphan`)
      .first()
      .waitFor(patience)
    const free = page.getByRole('list', { name: 'pods without an owner' })
    await free.getByRole('link', { name: /^web-/ }).nth(1).waitFor(patience)
    await page.getByRole('heading', { name: 'ReplicaSets' }).waitFor({ state: 'detached' })
  })

  test('a Job of each pattern says what it waits for, and how far it is', async (context) => {
    const viewer = await Viewer.start(context)
    await applyAll(
      viewer.namespace,
      job('one-shot', {}),
      job('parallel', { parallelism: 2, completions: 4 }),
      job('work-queue', { parallelism: 2 }),
      job('indexed', { parallelism: 2, completions: 3, completionMode: 'Indexed' }),
      job('in-vain', { backoffLimit: 0 }, 'exit 7'),
    )
    const page = await viewer.open('/owners')
    const one = (name: string) =>
      page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) })
    const says = (name: string, words: string | RegExp) =>
      one(name).getByText(words).first().waitFor(patience)
    await says('one-shot', 'one-shot: one pod, until it succeeds')
    await says('parallel', 'parallel: until 4 succeed, 2 at a time')
    await says('work-queue', 'work queue: 2 pods, until one succeeds and all have ended')
    await says('indexed', 'Indexed: each of 3 indexes, 2 at a time')
    for (const name of ['one-shot', 'parallel', 'work-queue', 'indexed']) await says(name, /^complete after/)
    await says('indexed', '3 complete')
    await says('in-vain', 'failed')
    await says('in-vain', /BackoffLimitExceeded/)
  })
})

const job = (name: string, spec: object, script = 'sleep 1'): object => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name },
  spec: {
    ...spec,
    template: {
      spec: podSpec({ restartPolicy: 'Never', containers: [container({ command: ['sh', '-c', script] })] }),
    },
  },
})
