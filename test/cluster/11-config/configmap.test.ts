/** ConfigMaps: the three ways to use one, how it is updated, and what its keys and values may be. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { ServerEnv } from '../../../server/features/env/wire.ts'
import { FileListing, WatchEvent } from '../../../server/features/files/wire.ts'
import {
  kubectl,
  makeNamespace,
  manifest,
  manifestText,
  type Forward,
  type Namespace,
} from '../../support/cluster.ts'
import { readEvents } from '../../support/event-stream.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/folder.ts'

const file = '/config/my-config.txt'
const asJson = { headers: { accept: 'application/json' } }

const textOf = async (forward: Forward, path: string) => (await forward.get(`/fs${path}`)).text

/** The book's command. @param path of the file */
const createArgs = (path: string): string[] => [
  'create',
  'configmap',
  'my-config',
  `--from-file=my-config.txt=${path}`,
  '--from-literal=extra-param=extra-value',
  '--from-literal=another-param=another-value',
]

/** Opens a port-forward to a pod as soon as it runs. */
async function forwardTo(namespace: Namespace, pod: string): Promise<Forward> {
  await namespace.wait(`pod/${pod}`, 'condition=Ready')
  return namespace.forward(`pod/${pod}`)
}

/** Which container of a pod runs, and how often it was restarted. */
const runOf = (namespace: Namespace, pod: string) =>
  namespace.read(`pod/${pod}`, ".status.containerStatuses[0]['containerID','restartCount']")

suite('a ConfigMap', { concurrency: true }, () => {
  test('made by command is the one in the file, and reaches a pod as files, as variables and as an argument', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.kubectl(...createArgs(manifest('11-config/my-config.txt')))
    const made = await namespace.read('configmap/my-config', '.data')
    await namespace.apply('11-config/my-config.yaml', '11-config/kuard-config.yaml')
    assert.deepEqual(JSON.parse(await namespace.read('configmap/my-config', '.data')), JSON.parse(made))

    const forward = await forwardTo(namespace, 'kuard-config')
    const { commandLine, env } = (await forward.get('/env/api')).json(ServerEnv)
    assert.deepEqual(commandLine, ['/kuard', 'extra-value'])
    assert.equal(env.EXTRA_PARAM, 'extra-value')
    assert.equal(env.ANOTHER_PARAM, 'another-value')
    const { entries } = (await forward.ask('GET', '/fs/config/', asJson)).json(FileListing)
    assert.deepEqual(
      entries.map(({ name }) => name).filter((name) => !/^\.\.\d{4}/.test(name)),
      ['..data', 'another-param', 'extra-param', 'my-config.txt'],
    )
    assert.equal(await textOf(forward, file), manifestText('11-config/my-config.txt'))
  })

  test('that is updated, in each of three ways, reaches the file browser without a restart, and nothing else', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply(
      ...['my-config', 'kuard-config', 'kuard-config-subpath'].map((name) => `11-config/${name}.yaml`),
    )
    const forward = await forwardTo(namespace, 'kuard-config')
    const bySubPath = await forwardTo(namespace, 'kuard-config-subpath')
    const before = await runOf(namespace, 'kuard-config')
    const reader = await readEvents(context, forward.port, `/events?watch=${encodeURIComponent(file)}`)

    const updates = {
      'from separate files': async (text: string) => {
        const path = join(temporaryFolder(context), 'my-config.txt')
        writeFileSync(path, text)
        const made = await namespace.kubectl(...createArgs(path), '--dry-run=client', '--output=yaml')
        await kubectl([`--namespace=${namespace.name}`, 'replace', '--filename=-'], made)
      },
      'from the manifest': async (text: string) => {
        const shipped = manifestText('11-config/my-config.yaml')
        await kubectl(
          [`--namespace=${namespace.name}`, 'replace', '--filename=-'],
          shipped.replace('parameter1 = value1\n', text),
        )
      },
      'in an editor': async (text: string) => {
        process.env.KUBE_EDITOR = `sed -i 's/parameter1.*/${text.trim()}/'`
        await namespace.kubectl('edit', 'configmap', 'my-config')
      },
    }
    for (const [index, [how, update]] of Object.entries(updates).entries()) {
      const text = `parameter1 = ${how}\n`
      await update(text)
      await eventually(
        `the file to be updated ${how}`,
        async () => (await textOf(forward, file)).includes(text),
        150_000,
        500,
      )
      await reader.latest('watch', WatchEvent, ({ state }) => state.changes > index)
    }

    assert.equal(await runOf(namespace, 'kuard-config'), before)
    assert.equal((await forward.get('/env/api')).json(ServerEnv).env.EXTRA_PARAM, 'extra-value')
    await eventually(
      'the other pod to have it',
      async () => (await textOf(bySubPath, file)).includes('in an editor'),
      150_000,
      500,
    )
    assert.match(await textOf(bySubPath, '/app/my-config.txt'), /^parameter1 = value1$/m)
  })

  test('with every key as a variable, and one that is not there but need not be, starts a pod', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('11-config/kuard-envfrom.yaml')
    const forward = await forwardTo(namespace, 'kuard-envfrom')
    const { env } = (await forward.get('/env/api')).json(ServerEnv)
    assert.deepEqual(
      Object.entries(env)
        .filter(([name]) => /^(APP_|WEIGHT)/.test(name))
        .sort(),
      [
        ['APP_COLOR', 'teal'],
        ['APP_PASSWORD', 'not-a-real-one'],
        ['APP_SIZE', 'small'],
      ],
    )
  })

  test('holds bytes that are no text', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('11-config/kuard-binary.yaml')
    const forward = await forwardTo(namespace, 'kuard-binary')
    const held = await namespace.read('configmap/binary', '.binaryData.pixel\\.png')
    const { bytes } = await forward.get('/fs/config/pixel.png')
    assert.equal(bytes.toString('base64'), held)
    assert.equal(bytes.toString('latin1', 1, 4), 'PNG')
  })

  test('that is immutable is not changed', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('11-config/immutable.yaml')
    const { code, errors } = await namespace.try(
      'patch',
      'configmap/settings-v1',
      '--patch={"data":{"COLOR":"red"}}',
    )
    assert.notEqual(code, 0)
    assert.match(errors, /field is immutable when `immutable` is set/)
    assert.equal(await namespace.read('configmap/settings-v1', '.data.COLOR'), 'teal')
  })

  test('takes more names for its keys than the book says, but no space', async (context) => {
    const namespace = await makeNamespace(context)
    const create = (key: string) =>
      namespace.try('create', 'configmap', 'keys', `--from-literal=${key}=value`, '--dry-run=server')
    for (const key of ['.auth_token', 'Key.pem', 'config_file', 'Token..properties', '_password.txt'])
      assert.equal((await create(key)).code, 0, key)
    const { code, errors } = await create('auth file.json')
    assert.notEqual(code, 0)
    assert.match(errors, /not a valid key name|a valid config key must consist of/)
  })
})
