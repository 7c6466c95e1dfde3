/** What a start does without. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/folder.ts'
import { startKuard } from '../support/kuard.ts'

/** Each takes up to some milliseconds of every start, and memory as long as the process lives. */
const unused = ['crypto', 'dns/promises', 'http2', 'https', 'internal/blocklist', 'tls', 'zlib']

test('a start loads none of Node’s own modules that no probe needs, and no library that has a file of its own', async (context) => {
  const file = join(temporaryFolder(context), 'modules')
  const preload = join(import.meta.dirname, '../support/modules-preload.cjs')
  const kuard = await startKuard(context, [], {
    nodeArgs: ['--require', preload],
    env: { MODULES_FILE: file },
  })
  assert.equal((await kuard.get('/healthy')).status, 200)
  kuard.child.kill('SIGUSR2')
  await eventually('the list', () => existsSync(file) && readFileSync(file, 'utf8') !== '')
  const loaded = new Set(readFileSync(file, 'utf8').split('\n'))
  assert.ok(loaded.has('NativeModule http'))
  assert.deepEqual(
    unused.filter((name) => loaded.has(`NativeModule ${name}`)),
    [],
  )
  const files = [...loaded].filter((name) => name.endsWith('.cjs')).map((name) => basename(name))
  assert.deepEqual(files.sort(), ['kuard.cjs', 'modules-preload.cjs', 'serve.cjs'])
})
