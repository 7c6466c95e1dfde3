/** That Node.js loses nothing by what the image leaves out of its tables of symbols. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../support/folder.ts'

const root = join(import.meta.dirname, '../..')

test('Node.js runs with fewer symbols as with all, and loads add-ons in C', (context) => {
  const program = join(temporaryFolder(context), 'node')
  copyFileSync(process.execPath, program)
  const libraries = execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+/g) ?? []
  const said = execFileSync(process.execPath, [join(root, 'image/fewer-symbols.ts'), program, ...libraries])
  const [, left, all] = /: (\d+) symbols of (\d+)\n$/.exec(String(said)) ?? []
  assert.ok(Number(left) > 0 && Number(left) < Number(all) / 10, String(said))
  const [addon = 'none'] = globSync('node_modules/@rolldown/binding-*/*.node', { cwd: root })
  const script = `
    const { generateKeyPairSync } = require('node:crypto')
    const { Worker } = require('node:worker_threads')
    const length = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'der' }).length
    const binding = require(${JSON.stringify(join(root, addon))})
    new Worker('require("node:worker_threads").parentPort.postMessage(new Intl.NumberFormat("de").format(1234.5))', { eval: true })
      .on('message', (number) => console.log(length > 100, typeof binding.parseSync, number))`
  assert.equal(execFileSync(program, ['-e', script], { encoding: 'utf8' }), 'true function 1.234,5\n')
})
