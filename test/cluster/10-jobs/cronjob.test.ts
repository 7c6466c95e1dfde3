/** Jobs by the clock. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { completed } from './jobs.ts'

suite('a CronJob', { concurrency: true }, () => {
  test('starts a Job with the minute', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/cronjob.yaml')
    await namespace.wait('cronjob/every-minute', 'jsonpath={.status.active[0].kind}=Job', 100)
    const log = await eventually(
      'the date to be in the log',
      async () => {
        const { output } = await namespace.try('logs', '--selector=chapter=jobs')
        return output !== '' && output
      },
      60_000,
      500,
    )
    assert.match(log, /\d:\d\d:\d\d UTC \d{4}\n$/)
  })

  test('leaves a start out while the Job of the last one runs', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/cronjob.yaml')
    // The first start without the wait for it: as if the one before had been a minute ago.
    const lastScheduleTime = new Date(Date.now() - 60_000).toISOString().replace(/\.\d+/, '')
    const patch = `--patch=${JSON.stringify({ status: { lastScheduleTime } })}`
    await namespace.kubectl('patch', 'cronjob/every-minute', '--subresource=status', '--type=merge', patch)
    await namespace.wait('cronjob/every-minute', 'jsonpath={.status.active[0].kind}=Job')
    await eventually(
      'the next start to be left out',
      async () => (await namespace.kubectl('get', 'events')).includes('concurrency policy is Forbid'),
      80_000,
      2000,
    )
    assert.equal((await namespace.names('jobs')).length, 1)
  })

  test('shows its time zone, and can be run at once', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/cronjob-timezone.yaml')
    assert.match(
      await namespace.kubectl('get', 'cronjobs'),
      /^nightly +30 2 \* \* \* +Europe\/Berlin +False +0 /m,
    )
    await namespace.kubectl('create', 'job', 'now', '--from=cronjob/nightly')
    await completed(namespace, 'now')
    assert.equal(await namespace.read('cronjob/nightly', '.status.lastScheduleTime'), '')
  })
})
