/** The Rollout view on a real cluster. */
import { test } from 'node:test'
import { applyAll, container, deployment, podSpec, Viewer } from './viewer.ts'

const patience = { timeout: 120_000 }

test('a rollout from blue to green is told in words and counts while it goes on, is paused, and is undone', async (context) => {
  const viewer = await Viewer.start(context)
  const { namespace } = viewer
  await applyAll(
    namespace,
    deployment('web', 3, podSpec({ containers: [container({ readinessProbe })] }), carefully),
  )
  await namespace.wait('deployment/web', 'condition=Available')
  const page = await viewer.open('/rollout')
  const says = (words: string | RegExp) =>
    page.getByRole('status').filter({ hasText: words }).waitFor(patience)
  const revision = (number: number) =>
    page.getByRole('table', { name: 'The revisions of web, newest first' }).getByRole('row', {
      name: new RegExp(`^${String(number)} `),
    })
  const counts = (number: number, image: string, count: number) =>
    revision(number)
      .filter({ hasText: new RegExp(`kuard\\S*:${image}\\s+${String(count)}\\s`) })
      .waitFor(patience)
  await says(/complete.*successfully rolled out/)
  await counts(1, 'blue', 3)

  await namespace.kubectl('set', 'image', 'deployment/web', 'kuard=kuard:green')
  await says(/progressing.*new replicas have been updated/)
  await namespace.kubectl('rollout', 'pause', 'deployment/web')
  await says('paused')
  // What the last look of the controller had begun ends meanwhile.
  await revision(2).filter({ hasText: 'green' }).waitFor(patience)

  await namespace.kubectl('rollout', 'resume', 'deployment/web')
  await says(/complete.*successfully rolled out/)
  await counts(2, 'green', 3)
  await counts(1, 'blue', 0)

  await namespace.kubectl('rollout', 'undo', 'deployment/web')
  await says(/progressing/)
  await says(/complete.*successfully rolled out/)
  await counts(3, 'blue', 3)
  await counts(2, 'green', 0)
})

const readinessProbe = { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 1 }
/** One pod at a time, so that there is time to look. */
const carefully = { minReadySeconds: 2, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }
