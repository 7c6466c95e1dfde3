/** What schemathesis makes of the document: requests that it allows and that it doesn't, alone and one after the other. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { cheapKeys } from '../../support/cheap-keys.ts'
import { command } from '../../support/command.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { startKuard } from '../../support/kuard.ts'

/** Which requests are made; any other number makes others. */
const seed = 12

const schemathesis = join(import.meta.dirname, '../../../node_modules/.cache/python/bin/schemathesis')

// Nothing that is asked for can reach beyond this network, nor a name server.
const alone = 'ip link set lo up && mount --bind "$0" /etc/resolv.conf && exec "$@"'

test('schemathesis finds no request that the server answers otherwise than the document says', async (context) => {
  const folder = temporaryFolder(context)
  const [resolvConf, shown] = [join(folder, 'resolv.conf'), join(folder, 'shown')]
  writeFileSync(resolvConf, 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n')
  mkdirSync(join(shown, 'a folder'), { recursive: true })
  writeFileSync(join(shown, 'file'), 'text')
  const kuard = await startKuard(context, [`--fs-root=${shown}`], {
    ...cheapKeys({ milliseconds: 1 }),
    under: ['unshare', '--map-root-user', '--mount', '--net', 'sh', '-c', alone, resolvConf],
  })

  const inside = ['--preserve-credentials', '--user', '--net', `--target=${kuard.child.pid}`]
  const config = join(import.meta.dirname, 'schemathesis.toml')
  const run = ['--no-color', `--config-file=${config}`, 'run', `--seed=${seed}`, `${kuard.url}/openapi.json`]
  const env = [
    'env',
    `SCHEMATHESIS_HOOKS=${join(import.meta.dirname, 'hooks.py')}`,
    'PYTHONDONTWRITEBYTECODE=1',
  ]
  const { code, output, errors } = await command('nsenter', [...inside, ...env, schemathesis, ...run], {
    limitMs: 300_000,
  })
  assert.equal(code, 0, `with seed ${seed}:\n${output}${errors}`)
  for (const phase of ['Coverage', 'Fuzzing', 'Stateful']) assert.match(output, new RegExp(`✅ +${phase}`))
  context.diagnostic(`${/^ +(\d+ generated.*)$/m.exec(output)?.[1]}, seed ${seed}`)
  assert.equal((await kuard.terminate()).code, 0, kuard.output)
})
