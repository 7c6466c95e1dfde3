/** The view Scaling and limits on a real cluster; it needs metrics-server, and two nodes. */
import { suite, test } from 'node:test'
import { atEnd } from '../../support/at-end.ts'
import { kubectl } from '../../support/cluster.ts'
import { holdNodes } from '../../support/nodes-lock.ts'
import { applyAll, container, deployment, podSpec, Viewer } from './viewer.ts'

const patience = { timeout: 120_000 }

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
