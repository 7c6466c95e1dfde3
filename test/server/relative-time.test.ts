/** Spans of time in words. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { relativeTime } from '../../server/text/relative-time.ts'

test('a span is told in its largest whole unit, in the singular for one', () => {
  const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000] as const
  for (const [milliseconds, words] of [
    [0, 'now'],
    [999, 'now'],
    [second, '1 second left'],
    [minute - 1, '59 seconds left'],
    [minute, '1 minute left'],
    [hour - 1, '59 minutes left'],
    [day - 1, '23 hours left'],
    [day, '1 day left'],
    [400 * day, '400 days left'],
  ] as const) {
    assert.equal(relativeTime(milliseconds, 'left'), words)
  }
})
