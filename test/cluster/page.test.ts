/** The page, by each way that leads from a browser into a cluster. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { openPage } from '../support/browser.ts'
import { makeNamespace, startKubectl, type Namespace } from '../support/cluster.ts'
import { eventually } from '../support/eventually.ts'

/** kubectl proxy, at the path below which it shows a pod or a Service. @param target as `pods/kuard:8080` */
async function throughProxy(
  context: TestContext,
  { name }: Namespace,
  target: string,
): Promise<{ url: string }> {
  const { url } = await startKubectl(context, ['proxy', '--port=0'])
  return { url: `${url}/api/v1/namespaces/${name}/${target}/proxy` }
}

test('the page is live through a port-forward, and shows what Kubernetes gave the pod', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('05-pods/kuard-pod.yaml')
  await namespace.wait('pod/kuard', 'condition=Ready')
  const page = await openPage(context, await namespace.forward('pod/kuard'))
  await page.getByText('kuard', { exact: true }).first().waitFor()

  await page.getByRole('link', { name: 'Liveness Probe' }).click()
  await namespace.kubectl('exec', 'kuard', '--', '/kuard', '--check=http://localhost:8080/healthy')
  await page.getByRole('cell', { name: '200 passed' }).waitFor()

  await page.getByRole('link', { name: 'Server Env' }).click()
  await page.getByRole('listitem').filter({ hasText: 'kubernetes' }).locator('summary').waitFor()
})

test('the page is live through kubectl proxy', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('05-pods/kuard-pod.yaml')
  await namespace.wait('pod/kuard', 'condition=Ready')
  const page = await openPage(
    context,
    await throughProxy(context, namespace, 'pods/kuard:8080'),
    '/-/liveness',
  )
  await namespace.kubectl('exec', 'kuard', '--', '/kuard', '--check=http://localhost:8080/healthy')
  await page.getByRole('cell', { name: '200 passed' }).waitFor()
  // What is changed goes by way of the API server too, and its Host and Origin are not the pod's.
  await page.getByRole('button', { name: 'Fail', exact: true }).click()
  await page.getByText('failing', { exact: true }).first().waitFor()
})

test('the page works behind a Service of three pods, and says which of them answered', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('07-services/alpaca-prod.yaml')
  await namespace.wait('deployment/alpaca-prod', 'condition=Available')
  const pods = await namespace.names('pods', 'app=alpaca')
  assert.equal(pods.length, 3)
  const service = await throughProxy(context, namespace, 'services/alpaca-prod:8080')
  const page = await openPage(context, service, '/')
  for (const name of pods)
    await eventually(`an answer of ${name}`, async () => {
      await page.getByRole('button', { name: 'Send again' }).click()
      return (await page.getByText(name).count()) > 0
    })
})
