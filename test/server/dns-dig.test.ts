/** Records beside dig's own text of them, where there is dig. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { typeNumber } from '../../server/features/dns/types.ts'
import { shownRecords } from '../support/dns-records.ts'
import { startDnsmasq } from '../support/name-servers.ts'

const skip = spawnSync('dig', ['-v']).error ? 'there is no dig' : false

/** Parts that dig has a word for, or none yet. */
const others: readonly (readonly [dig: string | RegExp, here: string])[] = [
  ['PKIX 2 RSASHA256', '1 2 8'],
  ['PRIVATEOID', '254'],
  [/\bkey7=/, 'dohpath='],
]

/** As the owner of an NSEC3 record has to be: it begins with a hash. */
const ownerOf = (index: number): string => `${'0'.repeat(32)}.r${index}.test`

test('dig shows every type of record alike', { skip }, async (context) => {
  const options = shownRecords.map(([type, content], index) => {
    const bytes = content.match(/../g)?.join(':') ?? ''
    return `--dns-rr=${ownerOf(index)},${typeNumber(type) ?? 0},${bytes}`
  })
  const { address, port } = await startDnsmasq(context, options)
  for (const [index, [type, , text]] of shownRecords.entries()) {
    const asked = ['+short', '+nosplit', '-p', String(port), `@${address}`, ownerOf(index)]
    const { stdout } = spawnSync('dig', [...asked, `TYPE${typeNumber(type) ?? 0}`], { encoding: 'utf8' })
    const shown = others.reduce((line, [dig, here]) => line.replace(dig, here), stdout.trim())
    assert.equal(shown, text, type)
  }
})
