/** Three services behind one address: as an Ingress says it, and as an nginx with the same routes does it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestDetails } from '../../../server/features/request/wire.ts'
import { makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

test('/a, /b and /c of one address are each answered by another service', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply(
    '01-introduction/kuard-abc.yaml',
    '01-introduction/ingress.yaml',
    '01-introduction/front.yaml',
  )
  const rules = await namespace.kubectl('describe', 'ingress', 'kuard')
  for (const prefix of ['a', 'b', 'c'])
    assert.match(rules, new RegExp(`^ +/${prefix} +kuard-${prefix}:8080`, 'm'))

  await namespace.wait('deployments', 'condition=Available', 90, '--all')
  await namespace.wait('pod/front', 'condition=Ready')
  const front = await namespace.forward('service/front')
  for (const [prefix, colour] of Object.entries({ a: 'blue', b: 'green', c: 'purple' })) {
    // The nodes learn of a new endpoint a moment after it is ready.
    await eventually(`the page below /${prefix}`, async () =>
      /<!doctype html>/i.test((await front.get(`/${prefix}/`)).text),
    )
    const details = (await front.get(`/${prefix}/request/api`)).json(RequestDetails)
    assert.equal(details.colour, colour)
    assert.match(details.hostname, new RegExp(`^kuard-${prefix}-`))
    assert.equal(details.url, `/${prefix}/request/api`)
  }
  assert.equal((await front.get('/d/')).status, 404)
})
