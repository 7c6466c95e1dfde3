/** The manifests that let the Cluster tab see: the rules in them, and the namespace that they are served for. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse, parseAllDocuments } from 'yaml'
import { places, resources } from '../../server/features/cluster/resources.ts'
import type { Rule } from '../../server/features/cluster/wire.ts'
import { Namespace, namespacePattern } from '../../server/features/manifests/namespace.ts'
import { startKuard } from '../support/kuard.ts'
import { manifestsFolder, startWithManifests } from '../support/manifests.ts'

/** What is used here of an object of RBAC. */
interface RbacObject {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly rules?: readonly Rule[]
  readonly roleRef?: { readonly kind: string; readonly name: string }
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[]
}

const textOf = (path: string) => readFileSync(join(manifestsFolder, path), 'utf8')
const objectsIn = (text: string): RbacObject[] =>
  parseAllDocuments(text).map((document) => document.toJS() as RbacObject)

const ofNamespace = 'cluster-view.yaml'
const ofCluster = 'cluster-view-nodes.yaml'

for (const [path, namespaced, kinds] of [
  [ofNamespace, true, ['Role', 'RoleBinding']],
  [ofCluster, false, ['ClusterRole', 'ClusterRoleBinding']],
] as const)
  test(`${path} lets the default account read every kind that is watched there, and nothing else`, () => {
    const objects = objectsIn(textOf(path))
    assert.deepEqual(
      objects.map(({ kind }) => kind),
      kinds,
    )
    const [role, binding] = objects
    const granted = (role?.rules ?? []).flatMap(({ verbs, apiGroups = [], resources = [], ...rest }) => {
      assert.deepEqual([verbs, rest], [['get', 'list', 'watch'], {}])
      return apiGroups.flatMap((group) => resources.map((resource) => `${resource}.${group}`))
    })
    const watched = resources
      .filter((resource) => places[resource].namespaced === namespaced)
      .map((resource) => `${resource}.${places[resource].group}`)
    assert.deepEqual(granted.toSorted(), watched.toSorted())
    assert.equal(binding?.roleRef?.kind, role?.kind)
    assert.equal(binding?.roleRef?.name, role?.metadata.name)
    assert.deepEqual(binding?.subjects, [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }])
  })

test('they are served for another namespace, and one that is bound cluster-wide has a name of its own for each', async (context) => {
  const kuard = await startKuard(context)
  const served = async (path: string) =>
    objectsIn((await kuard.get(`/manifests/${path}?namespace=team-a`)).text)
  const subjects = [{ kind: 'ServiceAccount', name: 'default', namespace: 'team-a' }]
  const [role, binding] = await served(ofNamespace)
  assert.equal(role?.metadata.namespace, 'team-a')
  assert.deepEqual(binding?.metadata, { name: 'kuard-cluster-view', namespace: 'team-a' })
  assert.deepEqual(binding.subjects, subjects)
  const [clusterRole, clusterBinding] = await served(ofCluster)
  assert.equal(clusterRole?.metadata.name, 'kuard-cluster-view-nodes:team-a')
  assert.equal(clusterBinding?.metadata.name, 'kuard-cluster-view-nodes:team-a')
  assert.equal(clusterBinding.roleRef?.name, 'kuard-cluster-view-nodes:team-a')
  assert.deepEqual(clusterBinding.subjects, subjects)
})

test('only where a namespace stands it is another one, and an image may be another one beside it', async (context) => {
  const kuard = await startWithManifests(context, {
    'a.yaml': `metadata:
  name: default
  namespace: default # the same
subjects:
  - namespace: default
  # namespace: default
  value: namespace: default
  namespace: defaults
  namespace: kube-system
  image: kuard:blue
`,
  })
  assert.equal(
    (await kuard.get('/manifests/a.yaml?namespace=123&image=me/kuard')).text,
    `metadata:
  name: default
  namespace: "123" # the same
subjects:
  - namespace: "123"
  # namespace: default
  value: namespace: default
  namespace: defaults
  namespace: kube-system
  image: me/kuard:blue
`,
  )
})

test('what is no namespace is refused in words', async (context) => {
  const kuard = await startKuard(context)
  for (const name of ['', ' ', 'A', 'a_b', 'a.b', '-a', 'a-', 'a b', 'a"', 'a\n', 'é', 'a'.repeat(64)]) {
    const answer = await kuard.get(`/manifests/${ofNamespace}?namespace=${encodeURIComponent(name)}`)
    assert.equal(answer.status, 400, name)
    assert.match(answer.text, /^(the|namespace) [ -~]+\n$/)
  }
})

test('whatever is given for a namespace, it is refused or becomes one text', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\w.:"'#~ \n-]{1,63}$/), (name) => {
      if (!new RegExp(namespacePattern, 'u').test(name)) return
      const after = new Namespace(name).inManifest('a:\n  namespace: default\n  name: a:default\n')
      assert.deepEqual(parse(after), { a: { namespace: name, name: `a:${name}` } })
    }),
  )
})
