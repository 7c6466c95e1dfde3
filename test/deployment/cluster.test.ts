/** The chart and the kustomizations on a real Kubernetes, the one that KUARD_TEST_CONTEXT names, whose nodes have the images. */
import assert from 'node:assert/strict'
import { realpathSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { stringify } from 'yaml'
import { chartFolder, render } from '../../scripts/chart.ts'
import { kustomizeFolder } from '../../scripts/kustomize.ts'
import { Stats } from '../../server/features/memq/wire.ts'
import { Traffic } from '../cluster/12-deployments/traffic.ts'
import { valueSets } from '../support/chart-values.ts'
import { kubectl, makeNamespace, tryKubectl, type Namespace } from '../support/cluster.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folder.ts'
import { ChartRelease, nothingLeftIn } from '../support/release.ts'

/** Probed often, so that a rollout is quick, and asked at the port that the clients of manifests/ ask. */
const quick = {
  service: { http: { port: 8080 } },
  probes: { readiness: { periodSeconds: 1 } },
  shutdown: { delay: 3 },
}

const { KUARD_TEST_CONTEXT: cluster = '' } = process.env
const skip = cluster === '' && 'KUARD_TEST_CONTEXT names no cluster'

describe('on a cluster', { concurrency: true, skip }, () => {
  test('a release of Helm 3 is tested, upgraded by Helm 4 and rolled back without a failed request, and goes without a trace', async (context) => {
    const namespace = await makeNamespace(context)
    const release = new ChartRelease(namespace, 'kuard')
    const blue = {
      ...quick,
      replicaCount: 2,
      grpc: { enabled: true },
      clusterView: { enabled: true, nodes: true },
      podDisruptionBudget: { enabled: true },
    }
    const notes = await release.install(blue, 'helm3')
    assert.match(notes, new RegExp(`port-forward service/kuard --namespace=${namespace.name} 8080:8080`))
    assert.match(await release.test('helm3'), /Phase: +Succeeded/)

    const traffic = await Traffic.start(namespace)
    await traffic.only('blue')
    await release.upgrade({ ...blue, image: { tag: 'green' } })
    await traffic.only('green')
    assert.match(await release.test(), /Phase: +Succeeded/)
    await release.rollback(1)
    await traffic.only('blue')
    assert.deepEqual(await traffic.failures(), [])

    await namespace.kubectl('delete', 'pod', 'steady-traffic', '--now')
    await release.uninstall()
    await nothingLeftIn(namespace)
    const ofCluster = await kubectl(['get', 'clusterroles,clusterrolebindings', '--output=name'])
    assert.doesNotMatch(ofCluster, new RegExp(namespace.name))
  })

  test('with the longest of names two pods share their queues in a Redis of the release, whose password outlives an upgrade', async (context) => {
    const namespace = await makeNamespace(context)
    const fullname = 'x'.repeat(63)
    const release = new ChartRelease(namespace, '1st')
    const values = {
      ...quick,
      fullnameOverride: fullname,
      replicaCount: 2,
      memq: { redis: { enabled: true } },
      tls: { enabled: true },
      probes: {
        readiness: { type: 'https', periodSeconds: 1 },
        liveness: { type: 'exec', timeoutSeconds: 5 },
      },
      podAntiAffinity: 'soft',
    }
    await release.install(values)
    assert.match(await release.test(), /Phase: +Succeeded/)
    await release.upgrade({ ...values, readOnly: false, podAnnotations: { 'example.com/again': 'true' } })
    const pods = await eventually('the pods of before to be gone', async () => {
      const names = await namespace.names('pods', 'app.kubernetes.io/component=server')
      return names.length === 2 && names
    })
    const [first, second] = await Promise.all(pods.map((pod) => namespace.forward(`pod/${pod}`)))
    assert.equal((await first?.put('/memq/server/queues/shared', undefined))?.status, 200)
    const stats = (await second?.get('/memq/server/stats'))?.json(Stats)
    assert.deepEqual(
      stats?.queues.map(({ name }) => name),
      ['shared'],
    )
    await release.uninstall()
    await nothingLeftIn(namespace)
  })

  test('kustomize’s overlays go one over the other, and are ready', async (context) => {
    const namespace = await makeNamespace(context)
    for (const overlay of ['blue', 'green', 'redis', 'cluster-view']) {
      const { code, output, errors } = await namespace.try(
        'apply',
        `--kustomize=${inNamespace(context, overlay, namespace)}`,
      )
      assert.deepEqual({ code, errors }, { code: 0, errors: '' }, output)
      await namespace.kubectl('rollout', 'status', 'deployment/kuard', '--timeout=120s')
    }
    const account = `--as=system:serviceaccount:${namespace.name}:kuard`
    assert.equal(await namespace.kubectl('auth', 'can-i', 'watch', 'pods', account), 'yes')
    assert.match((await namespace.try('auth', 'can-i', 'get', 'secrets', account)).output, /^no/)
  })

  test('the API server knows every field of what the chart makes, and has nothing to warn of', async (context) => {
    const namespace = await makeNamespace(context)
    // Without it a dry run takes no pod.
    await namespace.until('serviceaccount/default', '.metadata.name', /default/)
    const elsewhere = new Set(['gateway.networking.k8s.io', 'monitoring.coreos.com', 'cert-manager.io'])
    for (const values of Object.values(valueSets)) {
      const objects = render(values, { namespace: namespace.name }).filter(
        ({ apiVersion }) => !elsewhere.has(apiVersion.split('/')[0] ?? ''),
      )
      const { code, errors } = await tryKubectl(
        ['apply', `--namespace=${namespace.name}`, '--dry-run=server', '--validate=strict', '--filename=-'],
        objects.map((object) => stringify(object)).join('---\n'),
      )
      assert.deepEqual({ code, errors }, { code: 0, errors: '' })
    }
  })

  test('who may not install it is told so', async (context) => {
    const release = new ChartRelease(await makeNamespace(context), 'kuard')
    const { code, errors } = await release.try(['install', 'kuard', chartFolder, '--kube-as-user=nobody'])
    assert.notEqual(code, 0)
    assert.match(errors, /User "nobody" cannot/)
  })
})

/** As a reader does who has a namespace of their own: a kustomization over it. */
function inNamespace(context: TestContext, overlay: string, { name }: Namespace): string {
  const folder = realpathSync(temporaryFolder(context))
  const resources = [relative(folder, realpathSync(join(kustomizeFolder, 'overlays', overlay)))]
  writeFileSync(join(folder, 'kustomization.yaml'), stringify({ namespace: name, resources }))
  return folder
}
