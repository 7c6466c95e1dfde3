/** The service account tokens that are mounted, by GET /container/api. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { containerOf } from '../support/container-report.ts'
import { startKuard } from '../support/kuard.ts'
import { serviceAccount } from '../support/pod.ts'
import { podsClaims, startWithVolumes, tokenOf, type Volumes } from '../support/volumes.ts'

const ownPath = '/var/run/secrets/kubernetes.io/serviceaccount/token'

async function tokensWith(context: TestContext, volumes: Volumes) {
  const { kuard, mounted } = await startWithVolumes(context, volumes)
  const { text } = await kuard.get('/container/api')
  return { tokens: (await containerOf(kuard)).tokens ?? [], mounted, text }
}

test('where no token is mounted, none is told', async (context) => {
  const { tokens } = await tokensWith(context, {})
  assert.deepEqual(tokens, [])
})

test('each token is told by what it claims, and never the token', async (context) => {
  const own = tokenOf(podsClaims)
  const vaults = tokenOf({ ...podsClaims, aud: 'vault.example.com', exp: podsClaims.iat + 600 })
  const { tokens, mounted, text } = await tokensWith(context, {
    serviceAccount: { token: own, namespace: 'who', 'ca.crt': 'none' },
    other: { token: `${vaults}\n`, password: 'swordfish', jwt: tokenOf({ sub: 'somebody' }) },
  })
  const claimed = {
    problem: null,
    issuer: 'https://kubernetes.default.svc.cluster.local',
    subject: 'system:serviceaccount:who:default',
    serviceAccount: 'default',
    namespace: 'who',
    pod: 'kuard',
    node: 'node-1',
    issuedAt: '2026-11-30T09:41:28.000Z',
  }
  assert.deepEqual(tokens, [
    {
      ...claimed,
      path: ownPath,
      audience: ['https://kubernetes.default.svc.cluster.local'],
      expiresAt: '2026-11-30T10:41:35.000Z',
    },
    {
      ...claimed,
      path: `${mounted}/token`,
      audience: ['vault.example.com'],
      expiresAt: '2026-11-30T09:51:28.000Z',
    },
  ])
  for (const secret of [own, vaults, 'signature', 'swordfish'])
    assert.ok(!text.includes(secret), `${secret} is in the answer`)
})

test('a token of a Secret, which claims less, tells its account', async (context) => {
  const { tokens } = await tokensWith(context, {
    serviceAccount: {
      token: tokenOf({ iss: 'kubernetes/serviceaccount', sub: 'system:serviceaccount:who:old' }),
    },
  })
  const [token] = tokens
  assert.deepEqual(
    [token?.namespace, token?.serviceAccount, token?.pod, token?.node, token?.expiresAt],
    ['who', 'old', null, null, null],
  )
})

test('what stands in the place of the pod’s own token and is none is refused with a reason', async (context) => {
  const broken: Record<string, string> = {
    '': 'it is no JSON Web Token',
    'no token': 'it is no JSON Web Token',
    'a.e30x.c': 'it is no JSON Web Token',
    [tokenOf([])]: 'it is no service account’s',
    [tokenOf({ sub: 7, exp: 'soon' })]: 'it is no service account’s',
    ['x'.repeat(65 * 1024)]: 'it has more than 64 KiB',
  }
  for (const [token, problem] of Object.entries(broken)) {
    const { tokens } = await tokensWith(context, { serviceAccount: { token } })
    assert.deepEqual(
      tokens.map((one) => [one.path, one.problem]),
      [[ownPath, problem]],
    )
  }
})

test('claims that are of no use are left out', async (context) => {
  const { tokens } = await tokensWith(context, {
    serviceAccount: {
      token: tokenOf({
        sub: 'system:serviceaccount:who:default',
        aud: [1, 'here', null],
        exp: 1e300,
        iat: '1',
        'kubernetes.io': { pod: 'kuard', node: { name: 7 } },
      }),
    },
  })
  const [token] = tokens
  assert.deepEqual(
    [token?.audience, token?.expiresAt, token?.issuedAt, token?.pod, token?.node],
    [['here'], null, null, null, null],
  )
})

test('a FIFO or a folder in the token’s place keeps nobody waiting', async (context) => {
  for (const make of ['mkfifo', 'mkdir']) {
    const script = `mount -t tmpfs none /run && mkdir -p ${serviceAccount} && ${make} ${serviceAccount}/token && exec "$@"`
    const under = ['unshare', '--map-root-user', '--mount', 'sh', '-c', script, 'sh']
    const { tokens } = await containerOf(await startKuard(context, [], { under }))
    const problems = tokens?.map(({ problem }) => problem)
    assert.deepEqual(problems, make === 'mkfifo' ? ['it is no regular file'] : [])
  }
})

test('without /proc no token can be looked for', { skip: existsSync('/proc/self') }, async (context) => {
  assert.equal((await containerOf(await startKuard(context))).tokens, null)
})
