/** The blog, on SQLite and on MySQL. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kubectl, makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { startMysql } from '../mysql.ts'

test('Ghost on SQLite answers through the Service', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply(
    '14-applications/ghost-config.yaml',
    '14-applications/ghost.yaml',
    '14-applications/ghost-service.yaml',
  )
  await namespace.wait('deployment/ghost', 'condition=Available', 180)
  // The API server learns of an endpoint a moment after its pod is ready.
  await eventually('its page', async () => {
    const { output } = await namespace.throughService('ghost', '/')
    return output.includes('<meta name="generator" content="Ghost ')
  })
})

test('Ghost on MySQL keeps the blog in the database, so that its pods can be many', async (context) => {
  const namespace = await makeNamespace(context)
  const sql = await startMysql(namespace)
  await sql('create database ghost_db')
  await namespace.apply(
    '14-applications/ghost-config-mysql.yaml',
    '14-applications/ghost-mysql.yaml',
    '14-applications/ghost-service.yaml',
  )
  await namespace.wait('deployment/ghost', 'condition=Available', 180)
  const [first] = await namespace.names('pods', 'run=ghost')
  await sql('update ghost_db.settings set value = "Up and Running" where settings.key = "title"')
  await namespace.kubectl('scale', 'deployment', 'ghost', '--replicas=3')
  await namespace.kubectl('rollout', 'status', 'deployment/ghost', '--timeout=180s')
  const others = (await namespace.names('pods', 'run=ghost')).filter((pod) => pod !== first)
  assert.equal(others.length, 2)
  for (const pod of others) {
    const page = `/api/v1/namespaces/${namespace.name}/pods/${pod}:2368/proxy/`
    assert.match(await kubectl(['get', '--raw', page]), /<title>Up and Running/)
  }
})
