/** `--reach`, as `kubectl exec` and init containers run it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { Kuard, runKuard, startKuard } from '../support/kuard.ts'

test('what is reached is told step by step, and the exit code is 0', async (context) => {
  const kuard = await startKuard(context)
  const { code, output, errors } = await runKuard(context, [`--reach=${kuard.url}/healthy`])
  assert.deepEqual([code, errors], [0, ''])
  assert.match(output, new RegExp(`^${kuard.url}/healthy\n  from +step +of +outcome +took\n`))
  assert.match(output, /ms +connect +127\.0\.0\.1:\d+ +ok: connected +\d/)
  assert.match(output, /ms +body +GET \/healthy HTTP\/1\.1 +ok: 200 OK, 2 bytes +\d/)
  assert.match(output, /\n127\.0\.0\.1:\d+ answers 200 OK\.\n$/)
})

test('what is not exits 1, and says what that usually means', async (context) => {
  const { code, output } = await runKuard(context, [`--reach=127.0.0.1:${await freePort()}`])
  assert.equal(code, 1)
  assert.match(output, /\n127\.0\.0\.1:\d+: refused\.\n- Nothing listens on port /)
})

test('--wait tries again until it works', async (context) => {
  const port = await freePort()
  const waiting = new Kuard(context, [`--reach=127.0.0.1:${port}`, '--wait=60'])
  await waiting.logged(/waiting: 127\.0\.0\.1:\d+: refused\./)
  const server = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1')
  context.after(() => server.close())
  await once(server, 'listening')
  assert.equal((await waiting.ended).code, 0)
  assert.match(waiting.output, /takes connections\.\n$/)
})

test('--wait ends when its time is up, and at once where waiting is of no use', async (context) => {
  const started = performance.now()
  const { code, output } = await runKuard(context, [`--reach=127.0.0.1:${await freePort()}`, '--wait=2'])
  assert.deepEqual([code, output.match(/waiting/g)?.length], [1, 1], 'it says only what is new')
  assert.ok(performance.now() - started > 900)
  const never = await runKuard(context, ['--reach=http://169.254.169.254/', '--wait=3600'])
  assert.deepEqual([never.code, never.output.includes('--reach-metadata')], [1, true])
  const bad = await runKuard(context, ['--reach=ftp://kuard/', '--wait=3600'])
  assert.deepEqual(
    [bad.code, bad.output.startsWith('ftp://kuard/ is no target: there is no ftp://')],
    [1, true],
  )
  const { code: usage, errors } = await runKuard(context, ['--wait=5'])
  assert.equal(usage, 2)
  assert.match(errors, /^--wait: there is no --reach=TARGET to wait for\n/)
})

/** A network of its own, with rules for what comes to a port; says why there is none, or undefined. */
const filtered = (rule: string): readonly string[] => [
  'unshare',
  '--map-root-user',
  '--net',
  'sh',
  '-c',
  `PATH=$PATH:/usr/sbin:/sbin; ip link set lo up && nft 'add table inet t; add chain inet t in { type filter hook input priority 0; }; add rule inet t in ${rule}' && exec "$@"`,
  'sh',
]
const noFilter = () => {
  const [command = '', ...rest] = filtered('tcp dport 9 drop')
  const { status } = spawnSync(command, [...rest, 'true'])
  return status === 0 ? false : 'this machine lets nobody filter packets in a network namespace'
}
const needsFilter = { skip: noFilter() }

test('dropped packets, as by a NetworkPolicy: timed out', needsFilter, async (context) => {
  const under = filtered('tcp dport 9 drop')
  const { code, output } = await runKuard(context, ['--reach=127.0.0.1:9', '--wait=1'], { under })
  assert.equal(code, 1)
  assert.match(output, /connect +127\.0\.0\.1:9 +given up: no answer within [\d.]+ s/)
  assert.match(output, /- A NetworkPolicy, /)
})

test(
  'rejected packets, as kube-proxy’s for a Service without endpoints: refused',
  needsFilter,
  async (context) => {
    for (const [protocol, target] of [
      ['tcp', '127.0.0.1:9'],
      ['udp', 'dns://127.0.0.1:9/web.test'],
    ] as const) {
      const under = filtered(`${protocol} dport 9 reject`)
      const { code, output } = await runKuard(context, [`--reach=${target}`], { under })
      assert.equal(code, 1)
      assert.match(output, /127\.0\.0\.1:9: refused\.\n/)
    }
  },
)

test('--wait ends by SIGTERM, as the first process of an init container has to by itself', async (context) => {
  const kuard = new Kuard(context, [`--reach=127.0.0.1:${await freePort()}`, '--wait=60'])
  await kuard.logged(/waiting: .*refused/)
  kuard.child.kill('SIGTERM')
  assert.deepEqual(await kuard.ended, { code: 143, signal: null })
})
