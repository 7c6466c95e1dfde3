/** What is answered from a list of rules, without a page: as the API server's RBAC would. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rule } from '../../server/features/cluster/wire.ts'
import { questionIn, ruleThatAllows, secretsInWords } from '../../ui/src/tabs/cluster/access/may-i.ts'
import { rowsOf } from '../../ui/src/tabs/cluster/access/rows.ts'

const may = (rules: readonly Rule[], text: string): boolean => {
  const question = questionIn(text)
  assert.ok(question, text)
  return ruleThatAllows(rules, question) !== undefined
}
const rule = (verbs: string, group: string, resources: string, names?: string): Rule => ({
  verbs: verbs.split(' '),
  apiGroups: [group],
  resources: resources.split(' '),
  ...(names === undefined ? {} : { resourceNames: names.split(' ') }),
})

test('a question is read as kubectl reads it', () => {
  const pods = { verb: 'get', group: '', resource: 'pods', name: undefined }
  for (const text of ['get pods', ' GET  pod', 'get po', 'kubectl auth can-i get pods'])
    assert.deepEqual(questionIn(text), pods, text)
  assert.deepEqual(questionIn('get pods --subresource=log'), { ...pods, resource: 'pods/log' })
  assert.deepEqual(questionIn('get pods/web-1.a'), { ...pods, name: 'web-1.a' })
  assert.deepEqual(questionIn('get ingress'), { ...pods, group: 'networking.k8s.io', resource: 'ingresses' })
  assert.deepEqual(questionIn('get netpol'), {
    ...pods,
    group: 'networking.k8s.io',
    resource: 'networkpolicies',
  })
  assert.deepEqual(questionIn('get deploy.apps/web'), {
    verb: 'get',
    group: 'apps',
    resource: 'deployments',
    name: 'web',
  })
  assert.deepEqual(questionIn('get widgets.example.com'), {
    ...pods,
    group: 'example.com',
    resource: 'widgets',
  })
  assert.deepEqual(questionIn('get widgets'), { ...pods, group: undefined, resource: 'widgets' })
  assert.deepEqual(questionIn('get /healthz'), { verb: 'get', url: '/healthz' })
  for (const text of ['', 'get', 'get pods now', 'get pods --all', 'get .apps'])
    assert.equal(questionIn(text), undefined, text)
})

test('verbs, groups, resources, subresources and names each have to be allowed by one rule', () => {
  const rules = [
    rule('get list', '', 'pods pods/log'),
    rule('*', 'apps', 'deployments'),
    rule('get', '', '*/status'),
    rule('get', '', 'configmaps', 'mine'),
    { verbs: ['get'], nonResourceURLs: ['/healthz', '/api/*'] },
  ]
  for (const text of [
    'get pods',
    'list pods/web',
    'get pods --subresource=log',
    'get services --subresource=status',
    'delete deployments',
    'get configmaps/mine',
    'get /healthz',
    'get /api/v1',
  ])
    assert.equal(may(rules, text), true, text)
  for (const text of [
    'watch pods',
    'watch pods --subresource=log',
    'get pods.apps',
    'get deployments.extensions',
    'get replicasets',
    'get services',
    'get configmaps',
    'get configmaps/other',
    'list secrets',
    'get /healthz/ping',
    'post /api/v1',
  ])
    assert.equal(may(rules, text), false, text)
})

test('a star allows all of its sort, and * is asked for itself', () => {
  const all = [rule('*', '*', '*')]
  for (const text of ['delete secrets', 'get pods --subresource=exec', 'any widgets.example.com', '* *'])
    assert.equal(may(all, text), true, text)
  assert.equal(may([rule('get', '*', '*')], '* *'), false)
  assert.equal(may(all, 'get /healthz'), false)
})

test('what may be read of secrets is said', () => {
  assert.equal(secretsInWords([rule('get list', '', 'pods')]), 'may not read secrets')
  assert.equal(secretsInWords([rule('create', '', 'secrets')]), 'may not read secrets')
  assert.equal(
    secretsInWords([rule('*', '*', '*')]),
    'may read secrets, all of the namespace’s (get, list, watch)',
  )
  assert.equal(secretsInWords([rule('get', '', 'secrets', 'a b')]), 'may read these secrets: a, b')
})

test('what several rules allow of the same is one line', () => {
  assert.deepEqual(
    rowsOf([
      rule('get', '', 'pods services'),
      rule('get list', '', 'pods'),
      rule('get', '', 'pods', 'web-1'),
      { verbs: ['get'], nonResourceURLs: ['/healthz'] },
    ]),
    [
      { group: '', resource: 'pods', names: [], verbs: ['get', 'list'] },
      { group: '', resource: 'pods', names: ['web-1'], verbs: ['get'] },
      { group: '', resource: 'services', names: [], verbs: ['get'] },
    ],
  )
})
