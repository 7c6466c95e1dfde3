/** Databases outside of the cluster, by names inside of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace, manifestText } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { lookUp } from '../../support/look-up.ts'

test('external-database is an alias in DNS', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('05-pods/kuard-pod.yaml', '13-storage/dns-service.yaml')
  await namespace.wait('pod/kuard', 'condition=Ready')
  const pod = await namespace.forward('pod/kuard')
  await eventually('the alias', async () => {
    const values = await lookUp(pod, 'CNAME', 'external-database')
    return values.length > 0 && (assert.deepEqual(values, ['database.company.com.']), true)
  })
})

test('external-ip-database has the address that it is given, and its traffic goes there', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('05-pods/kuard-pod.yaml', '13-storage/external-ip-service.yaml')
  await namespace.applyText(
    manifestText('05-pods/kuard-pod.yaml').replace('name: kuard\n', 'name: outside\n'),
  )
  assert.match(
    await namespace.kubectl('describe', 'service/external-ip-database'),
    /^Endpoints: +(<none>)?$/m,
  )

  await namespace.wait('pod', 'condition=Ready', 90, '--all')
  const address = await namespace.read('pod/outside', '.status.podIP')
  await namespace.applyText(
    manifestText('13-storage/external-ip-endpoints.yaml')
      .replace('192.168.0.1', address)
      .replace('port: 3306', 'port: 8080'),
  )
  await eventually('the pod that stands for the database to answer', async () => {
    const url = 'http://external-ip-database:3306/request/api'
    const { output } = await namespace.try('exec', 'kuard', '--', 'wget', '-qO-', url)
    return output.includes('"hostname":"outside"')
  })

  await namespace.apply('13-storage/external-ip-endpoints.yaml')
  assert.match(
    await namespace.kubectl('describe', 'service/external-ip-database'),
    /^Endpoints: +192\.168\.0\.1:3306$/m,
  )
})
