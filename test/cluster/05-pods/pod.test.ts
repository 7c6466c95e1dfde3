/** The life of a pod as the book goes through it: applied, looked at from all sides, entered, copied from, deleted. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { RequestDetails } from '../../../server/features/request/wire.ts'
import { makeNamespace, type Namespace } from '../../support/cluster.ts'
import { command } from '../../support/command.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/folder.ts'

/** A shell in the pod at a terminal, as a reader has it. @returns all that the terminal showed */
async function atTerminal({ name }: Namespace, shell: string, typed: string): Promise<string> {
  const { KUARD_TEST_CONTEXT: context = '' } = process.env
  const exec = `kubectl --context='${context}' --namespace=${name} exec -it kuard -- ${shell}`
  const { output } = await command('script', ['--quiet', '--command', exec, '/dev/null'], { input: typed })
  return output
}

test('a pod is scheduled and runs; its page, its log and its tools are there; it takes its time to go', async (context) => {
  const namespace = await makeNamespace(context)
  await namespace.apply('05-pods/kuard-pod.yaml')
  await namespace.wait('pod/kuard', 'condition=Ready')
  assert.match(await namespace.kubectl('get', 'pods'), /^kuard +1\/1 +Running +0 /m)
  for (const reason of ['Scheduled', 'Pulled', 'Created', 'Started'])
    await namespace.prints(new RegExp(`Normal +${reason} `), 'describe', 'pods', 'kuard')

  const forward = await namespace.forward('pod/kuard')
  const details = (await forward.get('/request/api')).json(RequestDetails)
  assert.equal(details.hostname, 'kuard')
  assert.equal(details.namespace, namespace.name)
  assert.ok(details.addresses.includes(await namespace.read('pod/kuard', '.status.podIP')))
  await namespace.prints(/GET \/request\/api 200/, 'logs', 'kuard')

  assert.match(await namespace.kubectl('exec', 'kuard', '--', 'date', '-u', '+%Y'), /^20\d\d$/)
  for (const shell of ['ash', 'bash', 'sh'])
    assert.match(await atTerminal(namespace, shell, 'test -t 0 && echo $((6 * 7)); exit\n'), /^42/m)

  const copy = join(temporaryFolder(context), 'hostname')
  await namespace.kubectl('cp', 'kuard:/etc/hostname', copy)
  assert.equal(readFileSync(copy, 'utf8'), 'kuard\n')

  await namespace.kubectl('delete', 'pods/kuard', '--wait=false')
  // Both are so for five seconds.
  const [shown] = await Promise.all([
    namespace.kubectl('get', 'pods'),
    eventually('readiness to say why it fails', async () => {
      const { text, status } = await forward.get('/ready')
      return status === 500 && text.includes('shutting down')
    }),
  ])
  assert.match(shown, /^kuard +1\/1 +Terminating /m)
  await namespace.wait('pod/kuard', 'delete')
})

test("the book's way to copy a file in works where the user owns /, elsewhere it takes a folder to write to", async (context) => {
  const namespace = await makeNamespace(context, 'baseline')
  const file = join(temporaryFolder(context), 'config.txt')
  writeFileSync(file, 'colour = blue\n')
  for (const [path, to] of [
    ['05-pods/kuard-pod-root.yaml', '/config.txt'],
    ['05-pods/kuard-pod.yaml', '/tmp/config.txt'],
  ] as const) {
    await namespace.apply(path)
    await namespace.wait('pod/kuard', 'condition=Ready')
    await namespace.kubectl('cp', file, `kuard:${to}`)
    assert.equal((await (await namespace.forward('pod/kuard')).get(`/fs${to}`)).text, 'colour = blue\n')
    const copy = `${file}.copy`
    await namespace.kubectl('cp', `kuard:${to}`, copy)
    assert.equal(readFileSync(copy, 'utf8'), 'colour = blue\n')
    await namespace.kubectl('delete', 'pod', 'kuard', '--now')
  }
})
