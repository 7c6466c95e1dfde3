/** Jobs by the clock. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { makeNamespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'

suite('a CronJob', { concurrency: true }, () => {
  test('starts a Job with the minute, and none while that still runs', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('10-jobs/cronjob.yaml')
    const start = await namespace.until('cronjob/every-minute', '.status.lastScheduleTime', /:00Z$/, 100)
    await namespace.until('cronjob/every-minute', '.status.active[0].name', /^every-minute-/)
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

    // The next start, without the wait for it: as if the last had been a minute before.
    const before = new Date(Date.parse(start) - 60_000).toISOString().replace('.000', '')
    const patch = `--patch={"status":{"lastScheduleTime":"${before}"}}`
    await namespace.kubectl('patch', 'cronjob/every-minute', '--subresource=status', '--type=merge', patch)
    await eventually(
      'the start to be left out',
      async () => (await namespace.kubectl('get', 'events')).includes('concurrency policy is Forbid'),
      30_000,
      500,
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
    await namespace.wait('job/now', 'condition=Complete')
    assert.equal(await namespace.read('cronjob/nightly', '.status.lastScheduleTime'), '')
  })
})
