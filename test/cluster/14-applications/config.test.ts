/** What the book makes by command, and the files that can be applied in its place. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kubectl, manifest } from '../../support/cluster.ts'

const folder = manifest('14-applications')

for (const [name, source] of [
  ['redis-config', `${folder}/redis-config`],
  ['ghost-config', `${folder}/ghost-config.js`],
  ['ghost-config-mysql', `ghost-config.js=${folder}/ghost-config-mysql.js`],
] as const)
  test(`${name}.yaml is what the command makes`, async () => {
    const data = async (...args: string[]): Promise<unknown> =>
      JSON.parse(await kubectl([...args, '--dry-run=client', '--output=jsonpath={.data}']))
    assert.deepEqual(
      await data('create', `--filename=${folder}/${name}.yaml`),
      await data('create', 'configmap', name, `--from-file=${source}`),
    )
  })
