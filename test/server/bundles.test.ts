/** How the server's files are shared out to bundles: what a file holds must be there once, whichever bundle asks for it. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { buildServer } from '../../scripts/server-parts.ts'
import { temporaryFolder } from '../support/folder.ts'
import { executable } from '../support/kuard.ts'

const dist = dirname(executable)

test('no file of the server, and of no library in it, lies in two bundles', async (context) => {
  const bundles = await buildServer(temporaryFolder(context))
  assert.ok(bundles.length > 1)
  const files = bundles
    .flatMap(({ inputs }) => Object.keys(inputs))
    // What plugins make up holds nothing.
    .filter((file) => /^(server|node_modules)\//.test(file))
  assert.deepEqual(
    files.filter((file, index) => files.indexOf(file) !== index),
    [],
  )
  assert.ok(files.includes('server/host/gate.ts'))
})

test('what a bundle asks another for is there, by every name', () => {
  const asked = globSync('{server,late*}.cjs', { cwd: dist }).flatMap((bundle) =>
    Array.from(
      readFileSync(join(dist, bundle), 'latin1').matchAll(
        /require\("\.\/(serve|late[\w-]*)\.cjs"\)(\.shared\("[^"]+"\)|\["[^"]+"\])/g,
      ),
      ([expression]) => expression,
    ),
  )
  assert.ok(asked.some((expression) => expression.includes('.shared(')))
  const script = `for (const expression of ${JSON.stringify([...new Set(asked)])}) {
    const file = eval(expression)
    const isThere = file && Object.values(file).every((value) => value !== undefined)
    if (!isThere) console.log(expression)
  }`
  // Where the bundles lie, since they ask for each other by paths from there.
  const program = [
    '-e',
    `require = require('node:module').createRequire(${JSON.stringify(executable)}); ${script}`,
  ]
  assert.equal(execFileSync(process.execPath, program, { encoding: 'utf8' }), '')
})
