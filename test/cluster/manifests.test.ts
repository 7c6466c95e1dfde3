/** Every manifest, as the API server takes it. */
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import {
  kubectl,
  makeNamespace,
  manifest,
  manifestText,
  tryKubectl,
  type SecurityLevel,
} from '../support/cluster.ts'

/** What the concept itself keeps from the restricted level of Pod Security. */
const exceptions: Readonly<Record<string, SecurityLevel>> = {
  '05-pods/book-job-oneshot.yaml': 'baseline',
  '05-pods/book-kuard-pod.yaml': 'baseline',
  '05-pods/capabilities.yaml': 'baseline',
  '05-pods/host-network.yaml': 'privileged',
  '05-pods/kuard-pod-full.yaml': 'baseline',
  '05-pods/kuard-pod-root.yaml': 'baseline',
  '05-pods/kuard-pod-vol.yaml': 'privileged',
  '05-pods/privileged.yaml': 'privileged',
  '05-pods/seccomp.yaml': 'baseline',
  '09-daemonsets/fluentd.yaml': 'privileged',
  '09-daemonsets/nginx-fast-storage.yaml': 'baseline',
  '12-deployments/nginx-deployment.yaml': 'baseline',
}

const paths = globSync('**/*.yaml', {
  cwd: manifest(''),
  exclude: [
    '**/concepts.yaml',
    // kind's: test/server/kind.test.ts holds it to kind's own fields.
    '03-cluster/kind.yaml',
    // KEDA's: test/server/keda.test.ts holds it to KEDA's own fields.
    '10-jobs/keda-scaledobject.yaml',
    // What is of a namespace or of a kind that isn't there yet can't be tried before it is: their chapters' tests do.
    '13-storage/my-database-*.yaml',
    '14-applications/loadtest.yaml',
    '14-applications/servicemonitor.yaml',
  ],
}).sort()

const levels: readonly SecurityLevel[] = ['restricted', 'baseline', 'privileged']

const namesItsOwn = (path: string): boolean => /^ {2}namespace:/m.test(manifestText(path))

/** Applies one without a trace. @param namespace for what names none of its own by its concept */
const tryOut = (path: string, namespace: string) =>
  tryKubectl([
    'apply',
    '--dry-run=server',
    '--validate=strict',
    ...(namesItsOwn(path) ? [] : [`--namespace=${namespace}`]),
    `--filename=${manifest(path)}`,
  ])

/** A namespace that warns of what a level does not let a pod do. */
async function warningNamespace(context: TestContext, level: SecurityLevel): Promise<string> {
  const { name } = await makeNamespace(context, 'privileged')
  await kubectl(['label', 'namespace', name, `pod-security.kubernetes.io/warn=${level}`])
  return name
}

/** A dry run makes no account, and a pod is taken only where the one that it names is there. */
async function makeAccount(path: string, namespace: string): Promise<void> {
  const [, account] = /^ +serviceAccountName: (\S+)$/m.exec(manifestText(path)) ?? []
  // As if it had been applied, so that nobody warns that it was not.
  const asApplied = [`--namespace=${namespace}`, '--save-config']
  if (account !== undefined) await kubectl(['create', 'serviceaccount', account, ...asApplied])
}

for (const level of levels)
  test(`the API server knows every field of each ${level} manifest, and has nothing to warn of`, async (context) => {
    const namespace = await warningNamespace(context, level)
    for (const path of paths.filter((path) => (exceptions[path] ?? 'restricted') === level))
      await context.test(path, async () => {
        await makeAccount(path, namespace)
        const { code, errors } = await tryOut(path, namespace)
        assert.deepEqual({ code, errors }, { code: 0, errors: '' })
      })
  })

test('an exception is there, and is one', async (context) => {
  const namespace = await warningNamespace(context, 'restricted')
  for (const path of Object.keys(exceptions)) {
    assert.ok(paths.includes(path), path)
    if (!namesItsOwn(path))
      assert.match((await tryOut(path, namespace)).errors, /would violate PodSecurity/, path)
  }
})
