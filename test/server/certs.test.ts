/** `--generate-certs`. */
import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../support/folder.ts'
import { runKuard } from '../support/kuard.ts'

test('a pair is written for the names and addresses of a trial, the key for its owner only', async (context) => {
  const folder = join(temporaryFolder(context), 'made', 'tls')
  const { code, output } = await runKuard(context, [`--generate-certs=${folder}`])
  assert.equal(code, 0, output)
  for (const file of ['kuard.crt', 'kuard.key']) assert.ok(output.includes(join(folder, file)), output)

  const certificate = new X509Certificate(readFileSync(join(folder, 'kuard.crt')))
  for (const name of ['kuard.example.com', 'localhost']) assert.equal(certificate.checkHost(name), name)
  for (const address of ['127.0.0.1', '::1']) assert.equal(certificate.checkIP(address), address)
  assert.equal(certificate.checkHost('example.com'), undefined)
  assert.ok(certificate.checkPrivateKey(createPrivateKey(readFileSync(join(folder, 'kuard.key')))))
  assert.ok(certificate.verify(certificate.publicKey))
  assert.ok(certificate.validFromDate <= new Date() && certificate.validToDate > new Date())
  assert.equal(statSync(join(folder, 'kuard.key')).mode & 0o777, 0o600)
})

for (const present of ['kuard.crt', 'kuard.key']) {
  test(`a ${present} that is there already is kept, and nothing is written beside it`, async (context) => {
    const folder = temporaryFolder(context)
    writeFileSync(join(folder, present), 'precious')
    const { code, output } = await runKuard(context, [`--generate-certs=${folder}`])
    assert.equal(code, 1)
    assert.ok(output.includes(`${join(folder, present)} is there already, and is not overwritten`), output)
    assert.deepEqual(readdirSync(folder), [present])
    assert.equal(readFileSync(join(folder, present), 'utf8'), 'precious')
  })
}

test('a place that can not be written to is named with the reason', async (context) => {
  const folder = temporaryFolder(context)
  writeFileSync(join(folder, 'file'), '')
  const refusals = {
    [join(folder, 'file')]: /file is not a folder/,
    [join(folder, 'file', 'below')]: /can't write .*below: a part of the path is not a folder/,
    '/proc/kuard': /can't write \/proc\/kuard: /,
  }
  for (const [place, reason] of Object.entries(refusals)) {
    const { code, output } = await runKuard(context, [`--generate-certs=${place}`])
    assert.equal(code, 1, place)
    assert.match(output, reason)
    assert.equal(output.trim().split('\n').length, 1, output)
  }
})

test('without permission the reason is said', { skip: process.getuid?.() === 0 }, async (context) => {
  const folder = join(temporaryFolder(context), 'closed')
  mkdirSync(folder, { mode: 0o500 })
  const { code, output } = await runKuard(context, [`--generate-certs=${folder}`])
  assert.equal(code, 1)
  assert.match(output, /permission denied/)
})
