/** `npm run test:cluster` before it has touched a cluster: it takes none that wasn't named. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { command } from '../support/command.ts'

const script = join(import.meta.dirname, '../../scripts/test-cluster.ts')

/** As by a user whose kubectl knows no cluster. */
const testCluster = (context: string) =>
  command('env', ['KUBECONFIG=/dev/null', `KUARD_TEST_CONTEXT=${context}`, process.execPath, script])

test('without a named context it takes none, and says how to get and to name one', async () => {
  const { code, output, errors } = await testCluster('')
  assert.deepEqual({ code, output }, { code: 1, output: '' })
  assert.match(errors, /name the kubectl context that they may use/)
  assert.match(
    errors,
    /KUARD_TEST_CONTEXT=kind-kind KUARD_TEST_LOAD='kind load image-archive' npm run test:cluster/,
  )
})

test('with a context that there is not, it names it and stops', async () => {
  const { code, output, errors } = await testCluster('nowhere')
  assert.deepEqual({ code, output }, { code: 1, output: '' })
  assert.match(errors, /nowhere|kubectl can't be run/)
})
