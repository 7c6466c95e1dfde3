/** What a pod reaches and where it ends: the words of its page, and what kubectl says of the same Services. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace, type Namespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { reach } from '../../support/reach.ts'
import { applyAll, pod, podSpec } from '../cluster/viewer.ts'

/** @param app which pods are behind it, and @param targetPort at which port */
const service = (name: string, app: string, targetPort = 8080): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app }, ports: [{ port: 8080, targetPort }] },
})

/** The addresses of a Service's endpoints, sorted. */
async function endpointsOf(namespace: Namespace, name: string): Promise<string[]> {
  const selector = `--selector=kubernetes.io/service-name=${name}`
  const addresses = await namespace.read('endpointslices', '.items[*].endpoints[*].addresses[0]', selector)
  return addresses.split(' ').filter(Boolean).sort()
}

test('a Service without endpoints is refused, one that is not there has no name, and so a port where nothing listens is told from both', async (context) => {
  const namespace = await makeNamespace(context)
  await applyAll(
    namespace,
    service('there', 'client'),
    service('nobody', 'nobody'),
    service('wrong-port', 'client', 9999),
    pod('client'),
  )
  await namespace.wait('pod/client', 'condition=Ready')
  const client = await namespace.forward('pod/client')
  const inNamespace = `-n ${namespace.name}`

  const there = await eventually('the Service to answer', async () => {
    const report = await reach(client, 'http://there:8080/healthy')
    return report.reached && report
  })
  assert.equal(there.answer?.statusWords, '200 OK')
  assert.deepEqual(
    there.addresses.map(({ address, from }) => [address, from]),
    [[await namespace.read('service/there', '.spec.clusterIP'), 'dns']],
  )

  const nobody = await eventually('nobody to be refused', async () => {
    const report = await reach(client, 'http://nobody:8080/')
    return report.end === 'refused' && report
  })
  assert.equal(nobody.addresses[0]?.address, await namespace.read('service/nobody', '.spec.clusterIP'))
  assert.deepEqual(await endpointsOf(namespace, 'nobody'), [])
  // It is the command that shows why.
  const [, shown = ''] = /: kubectl (get endpointslices .*)$/.exec(nobody.hints[0] ?? '') ?? []
  assert.ok(shown.includes(inNamespace), nobody.hints.join('\n'))
  assert.match(
    await namespace.kubectl(...shown.replace(inNamespace, '').split(' ').filter(Boolean)),
    /<unset>/,
  )

  const wrong = await eventually('the wrong port to be refused', async () => {
    const report = await reach(client, 'http://wrong-port:8080/')
    return report.end === 'refused' && report
  })
  const address = await namespace.read('pod/client', '.status.podIP')
  await eventually(
    'its endpoint',
    async () => (await endpointsOf(namespace, 'wrong-port')).join() === address,
  )
  assert.match(wrong.hints.join('\n'), /targetPort/)

  const nowhere = await reach(client, 'http://nowhere:8080/')
  assert.equal(nowhere.end, 'no such name')
  assert.deepEqual(nowhere.addresses, [])
  assert.equal((await namespace.try('get', 'service', 'nowhere')).code, 1)
  assert.match(nowhere.hints[0] ?? '', new RegExp(`no Service nowhere in the namespace ${namespace.name}`))

  // In its own network the pod tells the same of itself.
  const self = await reach(client, 'http://127.0.0.1:9999/')
  assert.deepEqual([self.end, self.hints.length > 0], ['refused', true])
})

test('an init container waits for a Service, and says what is missing until it answers', async (context) => {
  const namespace = await makeNamespace(context)
  const [container] = (podSpec() as { containers: object[] }).containers
  const wait = { ...container, name: 'wait', args: ['--reach=http://queue:8080/ready', '--wait=180'] }
  await applyAll(namespace, pod('waiter', podSpec({ initContainers: [wait] })))
  const log = () => namespace.try('logs', 'waiter', '--container=wait')
  await eventually(
    'the name to be missed',
    async () => (await log()).output.includes('no name queue'),
    60_000,
    500,
  )

  // The Service without a pod behind it is another thing that is missing.
  await applyAll(namespace, service('queue', 'queue'))
  await eventually('it to be refused', async () => /refused/i.test((await log()).output), 60_000, 500)
  assert.equal(await namespace.read('pod/waiter', '.status.initContainerStatuses[0].restartCount'), '0')
  assert.equal(await namespace.read('pod/waiter', '.status.phase'), 'Pending')

  await applyAll(namespace, pod('queue'))
  await namespace.wait('pod/waiter', 'condition=Ready', 120)
  const code = '.status.initContainerStatuses[0].state.terminated.exitCode'
  assert.equal(await namespace.read('pod/waiter', code), '0')
  assert.match((await log()).output, /200 OK/)
})

test('by exec it says where it ends, with the exit code', async (context) => {
  const namespace = await makeNamespace(context)
  // In a pod of the Service's name /etc/hosts has that name for the pod itself.
  await applyAll(namespace, service('queue', 'asker'), pod('asker'), service('nobody', 'nobody'))
  await namespace.wait('pod/asker', 'condition=Ready')
  const exec = (...args: string[]) => namespace.try('exec', 'asker', '--', '/kuard', ...args)
  const works = await eventually('the Service to answer', async () => {
    const outcome = await exec('--reach=http://queue:8080/ready')
    return outcome.code === 0 && outcome
  })
  assert.match(works.output, new RegExp(await namespace.read('service/queue', '.spec.clusterIP')))
  assert.match(works.output, /200 OK/)

  const ends = { nobody: /refused/i, nowhere: /no name nowhere/ }
  for (const [name, words] of Object.entries(ends)) {
    const { code, output, errors } = await exec(`--reach=http://${name}:8080/`)
    assert.equal(code, 1, output + errors)
    assert.match(output + errors, words)
  }
  // Given a time to wait, it tries as long as another try has time.
  const begun = Date.now()
  const { code } = await exec('--reach=http://nowhere:8080/', '--wait=5')
  assert.equal(code, 1)
  assert.ok(Date.now() - begun >= 3000)
})
