/** What kubectl does with any object: look at it in every form, apply it, label it, read its log. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { kubectl, makeNamespace, manifest, manifestText } from '../../support/cluster.ts'
import { command } from '../../support/command.ts'
import { temporaryFolder } from '../../support/folder.ts'

test('a context keeps a namespace, if it has a cluster and a user too', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('04-kubectl/obj.yaml')
  const file = join(temporaryFolder(context), 'config')
  const current = await kubectl(['config', 'view', '--raw', '--flatten', '--minify'])
  const ask = (...args: string[]) => command('kubectl', [`--kubeconfig=${file}`, ...args])
  const succeed = async (...args: string[]) => {
    const { code, output, errors } = await ask(...args)
    assert.equal(code, 0, errors)
    return output.trim()
  }
  await command('sh', ['-c', 'umask 077; cat > "$0"', file], { input: current })
  const [cluster, user] = await Promise.all(
    ['cluster', 'user'].map((field) =>
      succeed('config', 'view', `--output=jsonpath={.contexts[0].context.${field}}`),
    ),
  )

  await succeed('config', 'set-context', 'my-context', `--namespace=${namespace.name}`)
  await succeed('config', 'use-context', 'my-context')
  assert.equal(await succeed('config', 'current-context'), 'my-context')
  assert.notEqual((await ask('get', 'pods')).code, 0)
  await succeed('config', 'set-context', 'my-context', `--cluster=${cluster}`, `--user=${user}`)
  assert.match(await succeed('get', 'pods'), /^my-pod /m)
  assert.doesNotMatch(await succeed('--namespace=default', 'get', 'pods'), /^my-pod /m)
})

test('an object is shown in one line, in a longer one, in full, by field and in prose', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('04-kubectl/obj.yaml')
  await namespace.wait('pod/my-pod', 'condition=Ready')
  const pod = (...flags: string[]) => namespace.kubectl('get', 'pods', 'my-pod', ...flags)
  const address = await pod('-o', 'jsonpath', '--template={.status.podIP}')
  assert.match(address, /^[0-9a-f.:]+$/)
  assert.match(await pod(), /^NAME +READY +STATUS +RESTARTS +AGE\nmy-pod +1\/1 +Running/)
  assert.match(await pod('--no-headers'), /^my-pod /)
  assert.ok((await pod('-o', 'wide')).includes(address))
  assert.match(await pod('-o', 'yaml'), /^ {2}name: my-pod$/m)
  assert.match(await pod('-o', 'json'), /"name": "my-pod"/)
  assert.match(await namespace.kubectl('describe', 'pods', 'my-pod'), /^Events:/m)
  const raw = await kubectl(['get', '--raw', `/api/v1/namespaces/${namespace.name}/pods/my-pod`])
  assert.match(raw, /"kind":"Pod"/)
})

test('apply creates, then changes what differs; delete asks no questions', async (context) => {
  const namespace = await makeNamespace(context)
  const text = manifestText('04-kubectl/obj.yaml')
  assert.match(await namespace.applyText(text), /pod\/my-pod created/)
  assert.match(await namespace.applyText(text), /pod\/my-pod unchanged/)
  assert.match(await namespace.applyText(text.replace('kuard:blue', 'kuard:green')), /pod\/my-pod configured/)
  await namespace.until('pod/my-pod', '.status.containerStatuses[0].restartCount', /^1$/)
  await namespace.prints(/Starting kuard version: \S+-green/, 'logs', 'my-pod')
  await namespace.kubectl('delete', `--filename=${manifest('04-kubectl/obj.yaml')}`, '--wait=false')
  await namespace.wait('pod/my-pod', 'delete')
})

test('labels and annotations are set, not overwritten unawares, and removed', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('04-kubectl/bar.yaml')
  for (const verb of ['label', 'annotate']) {
    const field = verb === 'label' ? '.metadata.labels.color' : '.metadata.annotations.color'
    await namespace.kubectl(verb, 'pods', 'bar', 'color=red')
    assert.equal(await namespace.read('pod/bar', field), 'red')
    const { code, errors } = await namespace.try(verb, 'pods', 'bar', 'color=blue')
    assert.equal(code, 1)
    assert.match(errors, /--overwrite is false/)
    await namespace.kubectl(verb, 'pods', 'bar', 'color=blue', '--overwrite')
    assert.equal(await namespace.read('pod/bar', field), 'blue')
    await namespace.kubectl(verb, 'pods', 'bar', 'color-')
    assert.equal(await namespace.read('pod/bar', field), '')
  }
})

test('the log of a container that has ended is there after it was started again', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('04-kubectl/crash.yaml')
  await namespace.until('pod/crash', '.status.containerStatuses[0].restartCount', /^[1-9]/)
  assert.match(await namespace.previousLog('crash'), /Starting kuard version[^]*Exiting/i)
  const ended = '.status.containerStatuses[0].lastState.terminated.exitCode'
  assert.equal(await namespace.read('pod/crash', ended), '1')
})
