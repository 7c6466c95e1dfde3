/** The view Scaling and limits on a real cluster; it needs metrics-server, two nodes, and nobody else who serves external metrics. */
import { suite, test } from 'node:test'
import { atEnd } from '../../support/at-end.ts'
import { kubectl } from '../../support/cluster.ts'
import { holdExternalMetrics, holdNodes } from '../../support/cluster-lock.ts'
import { applyAll, container, deployment, podSpec, Viewer } from './viewer.ts'

const patience = { timeout: 120_000 }

const externalMetrics = 'v1beta1.external.metrics.k8s.io'

suite('the view Scaling and limits', { concurrency: true }, () => {
  test('an autoscaler is seen measuring, and growing while a pod is busy', async (context) => {
    const viewer = await Viewer.start(context)
    const { namespace } = viewer
    const busy = podSpec({
      containers: [container({ resources: { requests: { cpu: '50m' }, limits: { cpu: '300m' } } })],
    })
    await applyAll(namespace, deployment('web', 1, busy), autoscaler)
    await namespace.wait('deployment/web', 'condition=Available')
    const page = await viewer.open('/scaling')
    await page.getByText(/cpu \d+ % of 50 %; 1 replica between 1\s+and 3/).waitFor(patience)
    const forward = await namespace.forward('deployment/web')
    await forward.put('/keygen', { enable: true })
    await page.getByText(/cpu \d+ % of 50 %; [23] replicas between 1\s+and 3/).waitFor(patience)
  })

  test('workers are seen growing to what their queue needs and shrinking again, as the MemQ server tells the autoscaler itself', async (context) => {
    await holdExternalMetrics(context)
    const viewer = await Viewer.start(context)
    const { namespace } = viewer
    await namespace.apply('10-jobs/memq-scaling.yaml', '10-jobs/scaled-workers.yaml')
    const page = await viewer.open('/scaling')
    await page
      .getByText(/nothing that serves external metrics: .* 10-jobs\/memq-apiservice\.yaml/)
      .waitFor(patience)
    await namespace.wait('deployment/memq', 'condition=Available', 180)

    const forward = await namespace.forward('deployment/memq')
    const queue = '/memq/server/queues/keygen'
    const { text } = await forward.get(`/manifests/10-jobs/memq-apiservice.yaml?namespace=${namespace.name}`)
    // Before the Service goes: an API of which nothing answers keeps every namespace from ending.
    atEnd(context, () => kubectl(['delete', '--ignore-not-found', 'apiservice', externalMetrics]))
    await kubectl(['apply', '--filename=-'], text)
    await kubectl(['wait', '--for=condition=Available', '--timeout=120s', `apiservice/${externalMetrics}`])
    await page
      .getByText('What serves external metrics knows none of this name and these labels.')
      .first()
      .waitFor(patience)

    await forward.ask('PUT', queue)
    const workers = (replicas: string) =>
      page.getByText(
        new RegExp(`memq_unfinished \\{queue=keygen\\} [\\d,.]+ of 10; ${replicas} between 1\\s+and 5`),
      )
    await workers('1 replica').waitFor(patience)
    const items = Array.from({ length: 1000 }, (_, item) => item).join('\n')
    await forward.post(`${queue}/enqueue?batch=true`, items)
    await workers('5 replicas').waitFor({ timeout: 240_000 })
    await forward.post(`${queue}/drain`)
    await workers('1 replica').waitFor({ timeout: 240_000 })
  })

  test('a budget says what a drain may take, and the pods leave the node once it lets them', async (context) => {
    const viewer = await Viewer.start(context)
    const { namespace } = viewer
    // A drain's selector knows no namespace.
    const app = `drained-${namespace.name}`
    await applyAll(namespace, deployment(app, 2), budget(app))
    await namespace.wait(`deployment/${app}`, 'condition=Available')
    const page = await viewer.open('/scaling')
    const row = page.getByRole('table', { name: 'Disruption budgets' }).getByRole('row', { name: app })
    await row.getByText('none may go').waitFor(patience)

    await holdNodes(context)
    const [node = ''] = (
      await namespace.read('pods', '.items[*].spec.nodeName', `--selector=app=${app}`)
    ).split(' ')
    atEnd(context, () => kubectl(['uncordon', node]))
    const drain = namespace.start('drain', node, `--pod-selector=app=${app}`, '--timeout=120s')
    await drain.printed(/violate the pod's disruption budget/, 60)
    await namespace.kubectl('scale', 'deployment', app, '--replicas=3')
    await drain.printed(/drained/, 120)
    await kubectl(['uncordon', node])
    await row.getByText('1 of 3 may go').waitFor(patience)
    await page.getByRole('link', { name: 'Pods', exact: true }).click()
    await page.getByText('4 of 4 pods ready').waitFor(patience)
  })
})

const autoscaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
    minReplicas: 1,
    maxReplicas: 3,
    metrics: [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
      },
    ],
  },
}
const budget = (app: string): object => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: app },
  spec: { minAvailable: 2, selector: { matchLabels: { app } } },
})
