/** The history of rollouts, and the ways back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeNamespace, manifestText, type Namespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

/** One pod is enough here. */
const file = manifestText('12-deployments/kuard-deployment.yaml').replace('replicas: 3', 'replicas: 1')

test('history, change causes, undo, --to-revision, and how many revisions are kept', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.applyText(file)
  await historyIs(namespace, ['1 kuard blue'])
  await namespace.applyText(file.replace('kuard blue', 'kuard green').replace('kuard:blue', 'kuard:green'))
  await historyIs(namespace, ['1 kuard blue', '2 kuard green'])

  await namespace.kubectl('set', 'image', 'deployment/kuard', 'kuard=kuard:purple')
  await historyIs(namespace, ['1 kuard blue', '2 kuard green', '3 kuard green'])
  const cause = 'kubernetes.io/change-cause=kuard purple'
  await namespace.kubectl('annotate', '--overwrite', 'deployment/kuard', cause)
  await historyIs(namespace, ['1 kuard blue', '2 kuard green', '3 kuard purple'])
  assert.match(
    await namespace.kubectl('rollout', 'history', 'deployment', 'kuard', '--revision=2'),
    /change-cause: kuard green\n[^]*Image:\s+kuard:green\n/,
  )

  await namespace.kubectl('rollout', 'undo', 'deployment', 'kuard')
  await historyIs(namespace, ['1 kuard blue', '3 kuard purple', '4 kuard green'])
  await namespace.kubectl('rollout', 'undo', 'deployment', 'kuard', '--to-revision=3')
  await historyIs(namespace, ['1 kuard blue', '4 kuard green', '5 kuard purple'])
  await namespace.kubectl('rollout', 'undo', 'deployment', 'kuard', '--to-revision=0')
  await historyIs(namespace, ['1 kuard blue', '5 kuard purple', '6 kuard green'])
  assert.equal(await imageOf(namespace), 'kuard:green')

  await namespace.kubectl('rollout', 'status', 'deployment', 'kuard', '--timeout=90s')
  await namespace.kubectl('patch', 'deployment', 'kuard', '--patch={"spec":{"revisionHistoryLimit":1}}')
  await historyIs(namespace, ['5 kuard purple', '6 kuard green'])
})

test('a change cause is of the Deployment, or else of its template', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.applyText(file)
  await namespace.kubectl('set', 'image', 'deployment/kuard', 'kuard=kuard:green')
  await historyIs(namespace, ['1 kuard blue', '2 kuard blue'])

  const inTemplate = { metadata: { annotations: { 'kubernetes.io/change-cause': 'of the template' } } }
  const patch = JSON.stringify({ spec: { template: inTemplate } })
  await namespace.kubectl('patch', 'deployment', 'kuard', `--patch=${patch}`)
  await historyIs(namespace, ['1 kuard blue', '2 kuard blue', '3 kuard blue'])

  await namespace.kubectl('annotate', 'deployment', 'kuard', 'kubernetes.io/change-cause-')
  await namespace.kubectl('set', 'image', 'deployment/kuard', 'kuard=kuard:purple')
  await historyIs(namespace, ['1 kuard blue', '2 kuard blue', '3 kuard blue', '4 of the template'])
})

const imageOf = (namespace: Namespace) =>
  namespace.read('deployment/kuard', '.spec.template.spec.containers[0].image')

async function history(namespace: Namespace): Promise<string[]> {
  const lines = (await namespace.kubectl('rollout', 'history', 'deployment', 'kuard')).split('\n')
  return lines.filter((line) => /^\d/.test(line)).map((line) => line.trim().replace(/\s+/, ' '))
}

/** Waits for the revisions and their causes, as `1 kuard blue`. */
async function historyIs(namespace: Namespace, expected: readonly string[]): Promise<void> {
  let last: string[] = []
  await eventually(
    'the history',
    async () => {
      last = await history(namespace)
      return last.join() === expected.join()
    },
    20_000,
    200,
  ).catch(() => {
    assert.deepEqual(last, expected)
  })
}
