/** An API server that is killed and started anew. It is everyone's, so this is the last of all tests, and only where it may be done. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { command } from '../../support/command.ts'
import { openPageOfPod } from '../../support/cluster-page.ts'
import { Forward, tryKubectl } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { applyAll, pod, Viewer } from './viewer.ts'

/** A command that kills the API server and starts it anew; it returns at once. */
const { KUARD_TEST_RESTART_API_SERVER: restart = '' } = process.env
const skip = restart === '' && 'KUARD_TEST_RESTART_API_SERVER names no command that restarts the API server'

test(
  'the page goes on by itself after the API server was killed and started anew',
  { skip },
  async (context) => {
    const viewer = await Viewer.start(context)
    const { namespace } = viewer
    const forwarding = namespace.start('port-forward', 'pod/viewer', ':8080')
    const port = Number((await forwarding.printed(/127\.0\.0\.1:(\d+)/))[1])
    const page = await openPageOfPod(context, new Forward(port), '/-/cluster', {
      mayComplain: /Failed to load|ERR_/,
    })
    await page.getByRole('button', { name: /^viewer Ready/ }).waitFor()

    const { code, output, errors } = await command('sh', ['-c', restart])
    assert.equal(code, 0, output + errors)
    // A port-forward goes through the API server and ends with it; readers begin it anew.
    await forwarding.ended
    await eventually(
      'the API server to answer',
      async () => (await tryKubectl(['get', '--raw', '/readyz'])).code === 0,
      90_000,
      500,
    )
    await applyAll(namespace, pod('afterwards'))
    await namespace.start('port-forward', 'pod/viewer', `${port}:8080`).printed(/127\.0\.0\.1/)
    await page.getByRole('button', { name: /^afterwards Ready/ }).waitFor({ timeout: 60_000 })
    await page
      .getByRole('status')
      .filter({ hasText: 'out of reach' })
      .waitFor({ state: 'detached', timeout: 60_000 })
  },
)
