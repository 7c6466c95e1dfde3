/** What a start does without. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filesIn, startWatched } from '../support/modules.ts'

/** Each takes up to some milliseconds of every start, and memory as long as the process lives. */
const unused = ['crypto', 'dns/promises', 'http2', 'https', 'internal/blocklist', 'tls', 'zlib']

test('a start loads none of Node’s own modules that no probe needs, and no library that has a file of its own', async (context) => {
  const { kuard, modules } = await startWatched(context)
  assert.equal((await kuard.get('/healthy')).status, 200)
  const loaded = await modules()
  assert.ok(loaded.has('NativeModule http'))
  assert.deepEqual(
    unused.filter((name) => loaded.has(`NativeModule ${name}`)),
    [],
  )
  assert.deepEqual(filesIn(loaded).sort(), ['kuard.cjs', 'modules-preload.cjs', 'serve.cjs'])
})
