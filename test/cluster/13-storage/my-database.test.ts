/** One name in the namespaces test and prod. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { atEnd } from '../../support/at-end.ts'
import { kubectl, manifest, Namespace, namespaceLabel, tryKubectl } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

const names = ['test', 'prod'] as const

/** Namespaces by these names that are not of such a test. */
async function namespacesOfOthers(): Promise<string[]> {
  const others = await kubectl(['get', 'namespaces', `--selector=!${namespaceLabel}`, '--output=name'])
  return others.split('\n').filter((name) => names.some((ours) => name === `namespace/${ours}`))
}

async function applyIn(context: TestContext, name: string): Promise<Namespace> {
  const path = manifest(`13-storage/my-database-${name}.yaml`)
  const { code, errors } = await tryKubectl(['apply', '--validate=strict', `--filename=${path}`])
  assert.deepEqual({ code, errors }, { code: 0, errors: '' })
  await kubectl(['label', 'namespace', name, `${namespaceLabel}=`])
  return new Namespace(context, name)
}

test('my-database is another database in each namespace, by the same name', async (context) => {
  const others = await namespacesOfOthers()
  if (others.length > 0) {
    context.skip(`the cluster has ${others.join(' and ')} of its own`)
    return
  }
  const remove = ['delete', 'namespaces', ...names, '--ignore-not-found']
  await kubectl(remove)
  atEnd(context, () => kubectl([...remove, '--wait=false']))
  const [inTest, inProd] = [await applyIn(context, 'test'), await applyIn(context, 'prod')]
  for (const [namespace, host, answer] of [
    [inTest, 'my-database', /"namespace":"test".*"version":"1.0.0-green"/],
    [inProd, 'my-database', /"namespace":"prod".*"version":"1.0.0-blue"/],
    [inTest, 'my-database.prod', /"namespace":"prod"/],
  ] as const) {
    await namespace.wait('replicaset/my-database', 'jsonpath={.status.readyReplicas}=1')
    await eventually(`${host} in ${namespace.name} to answer ${answer}`, async () => {
      const url = `http://${host}:8080/request/api`
      return answer.test((await namespace.try('exec', 'rs/my-database', '--', 'wget', '-qO-', url)).output)
    })
  }
})
