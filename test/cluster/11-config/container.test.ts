/** The Container page of pods with ConfigMaps, Secrets, tokens and the downward API, beside what kubectl says of them. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { agreesWithKubectl, podOf, reportFrom } from '../as-kubectl-says.ts'
import { kubectl, makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

suite('the Container page', { concurrency: 2 }, () => {
  test('tells ConfigMap, Secret, subPath and token from each other, as kubectl does', async (context) => {
    const namespace = await makeNamespace(context)
    const files = ['my-config', 'kuard-config', 'kuard-config-subpath', 'kuard-tls', 'kuard-secret']
    await namespace.apply(...[...files, 'projected-token'].map((name) => `11-config/${name}.yaml`))
    for (const name of ['kuard-config', 'kuard-config-subpath', 'kuard-tls', 'projected-token']) {
      await namespace.wait(`pod/${name}`, 'condition=Ready')
      await context.test(name, async () => {
        await agreesWithKubectl(namespace, name)
      })
    }
  })

  test('has a token of ten minutes for vault.example.com, by which the API server knows the pod', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('11-config/projected-token.yaml')
    await namespace.wait('pod/projected-token', 'condition=Ready')
    const { tokens } = await reportFrom(await namespace.forward('pod/projected-token'))
    const told = tokens?.find(({ audience }) => audience.includes('vault.example.com'))
    assert.equal((Date.parse(told?.expiresAt ?? '') - Date.parse(told?.issuedAt ?? '')) / 1000, 600)

    const token = await namespace.kubectl('exec', 'projected-token', '--', 'cat', told?.path ?? '')
    const review = { token, audiences: told?.audience }
    const answer = await kubectl(
      ['create', '--filename=-', '--output=jsonpath={.status}'],
      JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: review }),
    )
    assert.match(answer, /"authenticated":true/)
    assert.ok(answer.includes(`"username":"${told?.subject}"`), answer)
  })

  test('has the facts of the downward API, those of a file as they are now', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('11-config/downward-api.yaml')
    await namespace.wait('pod/downward-api', 'condition=Ready')
    const { node } = (await agreesWithKubectl(namespace, 'downward-api')).get('kuard') ?? {}
    const { status, spec } = await podOf(namespace, 'downward-api')
    const valueOf = (field: string) => node?.facts.find((fact) => fact.field === field)?.values[0]?.value
    assert.equal(node?.address, status?.hostIP)
    assert.equal(valueOf('spec.nodeName'), spec?.nodeName)
    assert.equal(valueOf('status.podIP'), status?.podIP)
    assert.equal(valueOf('status.hostIP'), status?.hostIP)

    await namespace.kubectl('label', 'pod', 'downward-api', 'tier=back', '--overwrite')
    const forward = await namespace.forward('pod/downward-api')
    const hasLabel = async () =>
      (await reportFrom(forward)).node.facts.some(({ values }) =>
        values.some(({ name, value }) => name === 'tier' && value === 'back'),
      )
    await eventually('the label to be another', hasLabel, 150_000, 500)
  })
})
