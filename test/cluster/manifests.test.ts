/** Every manifest, as the API server takes it. */
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { kubectl, makeNamespace, manifest, tryKubectl } from '../support/cluster.ts'

/** What the concept itself keeps from the restricted level of Pod Security. */
const exceptions: Readonly<Record<string, 'baseline' | 'privileged'>> = {}

const paths = globSync('**/*.yaml', { cwd: manifest('') }).sort()

suite('the API server takes every manifest', () => {
  test('there are manifests', () => {
    assert.ok(paths.length > 0)
  })

  for (const path of paths) {
    test(`${path}: every field is known, and there is nothing to warn of`, async (context) => {
      const level = exceptions[path] ?? 'restricted'
      const { name } = await makeNamespace(context, level)
      await kubectl(['label', 'namespace', name, `pod-security.kubernetes.io/warn=${level}`])
      const { code, errors } = await tryKubectl([
        'apply',
        '--dry-run=server',
        '--validate=strict',
        `--namespace=${name}`,
        `--filename=${join(manifest(''), path)}`,
      ])
      assert.deepEqual({ code, errors }, { code: 0, errors: '' })
    })
  }
})
