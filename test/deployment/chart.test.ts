/** The chart as Helm 3 and 4 make objects of it, without a cluster, and kustomize/ as it has to come out of it. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as Type from 'typebox'
import * as Value from 'typebox/value'
import { parse } from 'yaml'
import {
  chartFolder,
  kubeVersion,
  objectsIn,
  render,
  type KubernetesObject,
  type Values,
} from '../../scripts/chart.ts'
import { goProgram } from '../../scripts/go-programs.ts'
import { kustomizeFiles, kustomizeFolder, objectsOf, overlays } from '../../scripts/kustomize.ts'
import { readConfig } from '../../server/cli/flags.ts'
import { everything, valueSets } from '../support/chart-values.ts'
import { command } from '../support/command.ts'
import { KubernetesSchemas, kubernetesVersions, otherKinds } from '../support/kubernetes-schemas.ts'
import { podsOf, securityFaults } from '../support/pod-security.ts'

const helms = ['helm', 'helm3'] as const

const idOf = ({ kind, metadata }: KubernetesObject) => `${kind}/${metadata.name}`
const sorted = (objects: readonly KubernetesObject[]) =>
  objects.toSorted((one, other) => idOf(one).localeCompare(idOf(other)))
const one = (objects: readonly KubernetesObject[], kind: string) => {
  const found = objects.find((object) => object.kind === kind)
  assert.ok(found, `no ${kind} among ${objects.map(idOf).join(', ')}`)
  return found
}

/** A password that is made up is another one each time. */
const withoutSecrets = (objects: readonly KubernetesObject[]) =>
  objects.filter(({ kind }) => kind !== 'Secret')

for (const helm of helms)
  test(`${helm} lints the chart, and has nothing to say`, async () => {
    const { code, output, errors } = await command(goProgram(helm), [
      'lint',
      '--strict',
      kubeVersion,
      chartFolder,
    ])
    assert.equal(code, 0, output + errors)
    assert.doesNotMatch(output, /\[(WARNING|ERROR)\]/)
  })

test('Helm 3 and 4 make the same, of which three versions of Kubernetes know every field, and restricted Pod Security takes every pod', () => {
  const others = otherKinds()
  const versions = kubernetesVersions.map((version) => new KubernetesSchemas(version, others))
  for (const [name, values] of Object.entries(valueSets)) {
    const [objects = [], same] = helms.map((helm) => render(values, { helm }))
    assert.deepEqual(withoutSecrets(objects), withoutSecrets(same ?? []), name)
    for (const version of versions)
      assert.deepEqual(
        objects.flatMap((object) => version.complaints(object)),
        [],
        name,
      )
    const pods = podsOf(objects)
    assert.ok(pods.length >= 2, 'the server, and helm test')
    assert.deepEqual(pods.flatMap(securityFaults), [], name)
    assert.equal(new Set(objects.map(idOf)).size, objects.length)
  }
})

test('whatever the values, the server takes its flags as they were meant', () => {
  for (const [name, values] of Object.entries(valueSets)) {
    const [pod] = podsOf([one(render(values), 'Deployment')])
    assert.notEqual(readConfig(pod?.containers[0]?.args ?? [], undefined), 'help', name)
  }
  const [pod] = podsOf([one(render(everything), 'Deployment')])
  const config = readConfig(pod?.containers[0]?.args ?? [], undefined)
  assert.ok(config !== 'help')
  const { faultErrorShare, faultDelayP99Ms, faultProbes, trafficNumToSend, trafficHeader, trafficUrl } =
    config
  assert.deepEqual(
    { faultErrorShare, faultDelayP99Ms, faultProbes, trafficNumToSend, trafficHeader, trafficUrl },
    {
      faultErrorShare: 0.25,
      faultDelayP99Ms: 600_000,
      faultProbes: true,
      trafficNumToSend: 10_000_000,
      trafficHeader: ['A: 1', 'B: 2'],
      trafficUrl: 'http://kuard/?a=1&b="2"',
    },
  )
  assert.equal(config.memqMaxBytes, 1_073_741_824)
  assert.deepEqual(config.upstream, ['http://backend:8080', 'http://other/'])
  assert.equal(config.debugSitedataDir, '/a "folder"')
})

test('Traffic goes to the release’s own Service, unless it is told', () => {
  const objects = render({ traffic: { enable: true }, service: { http: { port: 8080 } } }, { name: 'mine' })
  const [pod] = podsOf([one(objects, 'Deployment')])
  assert.ok(pod?.containers[0]?.args?.includes('--traffic-url=http://mine-kuard:8080/'))
})

test('wrong values are refused with their names, by both', () => {
  const refused: readonly (readonly [Values, RegExp])[] = [
    [{ replicas: 3 }, /replicas/],
    [{ replicaCount: '3' }, /replicaCount.*(integer|number)/s],
    [{ image: { tag: true } }, /image.*tag/s],
    [{ image: { repository: 'KUARD' } }, /repository.*pattern/s],
    [{ image: null }, /image/],
    [{ service: null }, /service/],
    [{ service: { http: { port: 0 } } }, /port.*1/s],
    [{ service: { type: 'ExternalName' } }, /service.*type.*ClusterIP/s],
    [{ service: { clusterIP: 'None' } }, /set service\.http\.port to 8080/],
    [{ fullnameOverride: 'Kuard' }, /fullnameOverride.*pattern/s],
    [{ fullnameOverride: 'k'.repeat(64) }, /fullnameOverride.*pattern/s],
    [{ faults: { errorShare: 2 } }, /errorShare.*1/s],
    [{ faults: { eror: 1 } }, /eror/],
    [{ traffic: { rate: 'ten' } }, /rate.*pattern/s],
    [{ traffic: { numToSend: '10' } }, /numToSend.*integer/s],
    [{ podLabels: { 'app.kubernetes.io/name': 'other' } }, /podLabels/],
    [{ memq: { redis: { password: 'two words' } } }, /password.*pattern/s],
    [{ memq: { redis: { enabled: true, url: 'redis://other' } } }, /the own Redis or another one/],
    [{ probes: { liveness: { type: 'grpc' } } }, /probes\.liveness\.type is grpc, which needs grpc\.enabled/],
    [{ probes: { startup: { enabled: true, type: 'https' } } }, /needs tls\.enabled/],
    [{ podDisruptionBudget: { enabled: true, minAvailable: 1 } }, /set the other to null/],
    [{ readOnly: true, faults: { errorShare: 0.5 } }, /readOnly and faults/],
    [{ autoscaling: { enabled: true, minReplicas: 9 } }, /maxReplicas is below/],
    [{ autoscaling: { enabled: true, targetCPUUtilizationPercentage: null } }, /nothing to go by/],
    [{ ingress: { enabled: true, hosts: [] } }, /set ingress\.hosts/],
    [{ memq: { redis: { image: { tag: null } } } }, /tag/],
    [{ httpRoute: { enabled: true } }, /set httpRoute\.parentRefs/],
    [{ grpcRoute: { enabled: true, parentRefs: [{ name: 'a' }] } }, /needs grpc\.enabled/],
    [{ tls: { enabled: true, certManager: { enabled: true } } }, /set tls\.certManager\.issuerRef\.name/],
  ]
  for (const [values, words] of refused)
    for (const helm of helms)
      assert.throws(() => render(values, { helm }), { message: words }, JSON.stringify(values))
})

test('what may be left out may be null, or empty', () => {
  const values = {
    resources: null,
    faults: null,
    traffic: null,
    keygen: null,
    affinity: null,
    env: null,
    tolerations: null,
    podSecurityContext: null,
    log: null,
  }
  for (const helm of helms) {
    const [pod] = podsOf([one(render(values, { helm }), 'Deployment')])
    assert.equal(pod?.securityContext, undefined)
  }
  const image = { tag: '' }
  const [pod] = podsOf([one(render({ image, nameOverride: '', fullnameOverride: '' }), 'Deployment')])
  assert.match(pod?.containers[0]?.image ?? '', /^kuard:\d+\.\d+\.\d+$/)
})

const names = Type.Object({ spec: Type.Object({ selector: Type.Record(Type.String(), Type.Unknown()) }) })

/** What a workload or Service selects; what has no selector selects nothing. */
const selectorOf = (object: KubernetesObject) =>
  Value.Check(names, object) ? JSON.stringify(object.spec.selector) : undefined

test('every name fits, however long or odd the release’s is', () => {
  const releases = [
    { name: 'a'.repeat(53) },
    { name: '1st.of-two' },
    { name: 'kuard-kuard' },
    { name: 'true', namespace: '123' },
    { name: 'k', values: { fullnameOverride: 'x'.repeat(63) } },
    { name: 'k', values: { nameOverride: '0'.repeat(63) } },
  ]
  const limits: Readonly<Record<string, number>> = {
    StatefulSet: 52,
    ConfigMap: 253,
    ClusterRole: 253,
    ClusterRoleBinding: 253,
  }
  for (const { name, namespace = 'n'.repeat(63), values } of releases) {
    const objects = render({ ...everything, ...values }, { name, namespace })
    for (const { kind, metadata } of objects) {
      assert.match(metadata.name, /^[a-z]([-a-z0-9:]*[a-z0-9])?$/)
      assert.ok(metadata.name.length <= (limits[kind] ?? 63), `${kind} ${metadata.name}`)
      for (const label of Object.values(metadata.labels ?? {}))
        assert.match(label, /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/)
    }
  }
})

test('two releases in one namespace share no object, and select no pod of the other', () => {
  const [first = [], second = []] = ['first', 'second'].map((name) => render(everything, { name }))
  const both = new Set(first.map(idOf))
  assert.deepEqual(
    second.map(idOf).filter((id) => both.has(id)),
    [],
  )
  const selectors = new Set(first.map(selectorOf).filter(Boolean))
  assert.ok(selectors.size >= 2)
  assert.deepEqual(
    second.map(selectorOf).filter((selector) => selector !== undefined && selectors.has(selector)),
    [],
  )
})

test('no value changes what a workload selects, since nothing could be upgraded then', () => {
  const selectorsOf = (values: Values) =>
    render(values, { name: 'mine' })
      .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
      .map((object) => [object.kind, selectorOf(object)])
  const memq = { redis: { enabled: true } }
  const before = selectorsOf({ memq })
  for (const values of [everything, { nameOverride: 'other', fullnameOverride: 'kuard', memq }])
    assert.deepEqual(selectorsOf(values), before)
})

test('who scales it has the last word on how many pods there are', () => {
  const replicas = (values: Values) =>
    (one(render(values), 'Deployment') as { spec?: { replicas?: number } }).spec?.replicas
  assert.equal(replicas({}), 1)
  assert.equal(replicas({ replicaCount: 0 }), 0)
  assert.equal(replicas({ replicaCount: null }), undefined)
  assert.equal(replicas({ autoscaling: { enabled: true } }), undefined)
})

test('pods have a token only with the Cluster tab, which may read what manifests/ lets it read', () => {
  const rulesIn = (objects: readonly KubernetesObject[], kind: string) => one(objects, kind).rules
  const [without] = podsOf([one(render({}), 'Deployment')])
  assert.equal(without?.automountServiceAccountToken, false)
  const objects = render({ clusterView: { enabled: true, nodes: true } })
  const [pod] = podsOf([one(objects, 'Deployment')])
  assert.equal(pod?.automountServiceAccountToken, true)
  for (const [kind, path] of [
    ['Role', 'cluster-view.yaml'],
    ['ClusterRole', 'cluster-view-nodes.yaml'],
  ] as const) {
    const manifest = readFileSync(join(chartFolder, '../../manifests', path), 'utf8')
    assert.deepEqual(rulesIn(objects, kind), rulesIn(objectsIn(manifest), kind))
  }
})

test('rules and dashboard come whole, with what is a template to Prometheus and Grafana, and not to Helm', () => {
  const objects = render(everything)
  const fileText = (name: string) => readFileSync(join(chartFolder, 'files', name), 'utf8')
  assert.deepEqual(one(objects, 'PrometheusRule').spec, parse(fileText('rules.yaml')))
  const { data } = one(objects, 'ConfigMap') as { data?: { 'kuard.json': string } }
  assert.deepEqual(JSON.parse(data?.['kuard.json'] ?? ''), JSON.parse(fileText('dashboard.json')))
})

test('kustomize/ is what `npm run kustomize` makes of the chart', async () => {
  const files = await kustomizeFiles()
  assert.deepEqual(globSync('**/*.yaml', { cwd: kustomizeFolder }).sort(), [...files.keys()].sort())
  for (const [path, text] of files)
    assert.equal(readFileSync(join(kustomizeFolder, path), 'utf8'), text, path)
})

for (const [name, { values }] of Object.entries({ base: { values: {} }, ...overlays }))
  test(`kubectl makes of kustomize’s ${name} what Helm makes of its values`, async () => {
    const path = join(kustomizeFolder, name === 'base' ? name : `overlays/${name}`)
    const { code, output, errors } = await command('kubectl', ['kustomize', path])
    assert.deepEqual({ code, errors }, { code: 0, errors: '' })
    assert.deepEqual(sorted(objectsIn(output)), sorted(objectsOf(values)))
  })
