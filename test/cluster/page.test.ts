/** The page, by each way that leads from a browser into a cluster. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPageOfPod } from '../support/cluster-page.ts'
import { makeNamespace, startKubectl } from '../support/cluster.ts'
import { eventually } from '../support/eventually.ts'

test('the page is live by every way into a cluster', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('05-pods/kuard-pod.yaml', '07-services/alpaca-prod.yaml')
  await namespace.wait('deployment/alpaca-prod', 'condition=Available')
  await namespace.wait('pod/kuard', 'condition=Ready')
  const probe = () =>
    namespace.kubectl('exec', 'kuard', '--', '/kuard', '--check=http://localhost:8080/healthy')
  const proxy = await startKubectl(context, ['proxy', '--port=0'])
  const throughProxy = (target: string) => ({
    port: proxy.port,
    url: `${proxy.url}/api/v1/namespaces/${namespace.name}/${target}/proxy`,
  })

  await context.test('port-forward: it shows what Kubernetes gave the pod, and each probe', async (part) => {
    const page = await openPageOfPod(part, await namespace.forward('pod/kuard'))
    await page.getByText('kuard', { exact: true }).first().waitFor()
    await page.getByRole('link', { name: 'Liveness Probe' }).click()
    await probe()
    await page.getByRole('cell', { name: '200 passed' }).first().waitFor()
    await page.getByRole('link', { name: 'Server Env' }).click()
    await page.getByRole('listitem').filter({ hasText: 'kubernetes' }).locator('summary').waitFor()
  })

  await context.test('kubectl proxy: it can be worked with from another Host and Origin', async (part) => {
    const page = await openPageOfPod(part, throughProxy('pods/kuard:8080'), '/-/liveness')
    await probe()
    await page.getByRole('cell', { name: '200 passed' }).first().waitFor()
    await page.getByRole('button', { name: 'Fail', exact: true }).click()
    await page.getByText('failing', { exact: true }).first().waitFor()
  })

  await context.test('a Service of three pods: it says which of them answered', async (part) => {
    const pods = await namespace.names('pods', 'app=alpaca')
    assert.equal(pods.length, 3)
    const page = await openPageOfPod(part, throughProxy('services/alpaca-prod:8080'))
    for (const name of pods)
      await eventually(`an answer of ${name}`, async () => {
        await page.getByRole('button', { name: 'Send again' }).click()
        return (await page.getByText(name).count()) > 0
      })
  })
})
