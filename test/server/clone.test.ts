/** A clone on a machine whose git is set up for Windows. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../support/folder.ts'

test('a clone with core.autocrlf has the same lines, so that the image can be built of it', (context) => {
  const clone = join(temporaryFolder(context), 'clone')
  const root = join(import.meta.dirname, '../..')
  if (spawnSync('git', ['-C', root, 'rev-parse', 'HEAD']).status !== 0) {
    context.skip('this is no Git checkout')
    return
  }
  execFileSync('git', [
    'clone',
    '--quiet',
    '--depth=1',
    '--config=core.autocrlf=true',
    `file://${root}`,
    clone,
  ])
  const lines = execFileSync('git', ['-C', clone, 'ls-files', '--eol'], { encoding: 'utf8' })
  assert.match(lines, /w\/lf .*image\/kuard$/m)
  assert.doesNotMatch(lines, /w\/(crlf|mixed)/)
})
