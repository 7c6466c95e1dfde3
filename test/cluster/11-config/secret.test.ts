/** Secrets: HTTPS with a pair of a Secret, which is exchanged while it is served, and credentials for a registry. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { suite, test } from 'node:test'
import { TLSSocket } from 'node:tls'
import { kubectl, makeNamespace, type Forward, type Namespace } from '../../support/cluster.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/folder.ts'

/** Asks as a client that knows the pod by its name in the certificate; resolves to the certificate's fingerprint. */
async function askTls(port: number, trusted?: string): Promise<string> {
  const trust = trusted === undefined ? { rejectUnauthorized: false } : { ca: trusted }
  const host = { host: '127.0.0.1', servername: 'kuard.example.com', port }
  const asked = request({ ...host, path: '/healthy', agent: false, ...trust })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  assert.equal(response.statusCode, 200)
  assert.ok(asked.socket instanceof TLSSocket)
  const { fingerprint256 } = asked.socket.getPeerCertificate()
  response.resume()
  return fingerprint256
}

/** Opens a port-forward to HTTPS, which is served when HTTP is. */
async function forwardTls(namespace: Namespace, pod: string): Promise<Forward> {
  await namespace.wait(`pod/${pod}`, 'condition=Ready')
  await namespace.forward(`pod/${pod}`)
  return namespace.forward(`pod/${pod}`, 8443)
}

const certificateOf = async (namespace: Namespace): Promise<string> =>
  Buffer.from(await namespace.read('secret/kuard-tls', '.data.kuard\\.crt'), 'base64').toString()

const fingerprint = (certificate: string): string => new X509Certificate(certificate).fingerprint256

/** Copies the pair that an init container has made into a folder. */
async function copyGenerated(namespace: Namespace, folder: string): Promise<void> {
  await namespace.apply('11-config/kuard-generated.yaml')
  await namespace.wait('pod/kuard-generated', 'condition=Ready')
  for (const name of ['kuard.crt', 'kuard.key']) {
    const text = await namespace.kubectl(
      'exec',
      'kuard-generated',
      '--container=kuard',
      '--',
      'cat',
      `/tls/${name}`,
    )
    writeFileSync(join(folder, name), `${text}\n`)
  }
}

suite('a Secret', { concurrency: true }, () => {
  test('serves HTTPS, and a new pair without a restart', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('11-config/kuard-tls.yaml', '11-config/kuard-secret.yaml')
    const { port } = await forwardTls(namespace, 'kuard-tls')
    const first = await certificateOf(namespace)
    assert.equal(await askTls(port, first), fingerprint(first))
    const containerID = await namespace.read('pod/kuard-tls', '.status.containerStatuses[0].containerID')

    const folder = temporaryFolder(context)
    await copyGenerated(namespace, folder)
    const files = ['kuard.crt', 'kuard.key'].map((name) => `--from-file=${join(folder, name)}`)
    const create = ['create', 'secret', 'generic', 'kuard-tls', ...files]
    const made = await namespace.kubectl(...create, '--dry-run=client', '--output=yaml')
    await kubectl([`--namespace=${namespace.name}`, 'replace', '--filename=-'], made)
    const second = await certificateOf(namespace)
    await eventually(
      'the new certificate',
      async () => (await askTls(port)) === fingerprint(second),
      150_000,
      500,
    )
    await askTls(port, second)
    const status = '.status.containerStatuses[0]'
    assert.equal(await namespace.read('pod/kuard-tls', `${status}.containerID`), containerID)
    assert.equal(await namespace.read('pod/kuard-tls', `${status}.restartCount`), '0')
  })

  test('is in memory on the node, with its values in the file browser but not in describe', async (context) => {
    const namespace = await makeNamespace(context)
    await namespace.apply('11-config/kuard-tls.yaml', '11-config/kuard-secret.yaml')
    await namespace.wait('pod/kuard-tls', 'condition=Ready')
    const forward = await namespace.forward('pod/kuard-tls')
    assert.match((await forward.get('/fs/proc/mounts')).text, /^tmpfs \/tls tmpfs ro,/m)
    assert.equal((await forward.get('/fs/tls/kuard.crt')).text, await certificateOf(namespace))
    const described = await namespace.kubectl('describe', 'secrets', 'kuard-tls')
    for (const name of ['crt', 'key'])
      assert.match(described, new RegExp(`^kuard\\.${name}: +\\d+ bytes$`, 'm'))
  })

  test('serves HTTPS with a pair that the pod has made itself', async (context) => {
    const namespace = await makeNamespace(context)
    const folder = temporaryFolder(context)
    await copyGenerated(namespace, folder)
    const { port } = await forwardTls(namespace, 'kuard-generated')
    const certificate = await namespace.kubectl('exec', 'kuard-generated', '--', 'cat', '/tls/kuard.crt')
    assert.equal(await askTls(port, certificate), fingerprint(certificate))
  })

  test('for a registry is the one that the command makes, and a pod takes it along', async (context) => {
    const namespace = await makeNamespace(context)
    assert.deepEqual(await namespace.names('secrets'), [], 'the token of a service account is none')
    const login = [
      '--docker-server=registry.example.com',
      '--docker-username=me',
      '--docker-password=not-a-real-one',
    ]
    await namespace.kubectl('create', 'secret', 'docker-registry', 'my-image-pull-secret', ...login)
    const type = await namespace.read('secret/my-image-pull-secret', '.type')
    await namespace.kubectl('delete', 'secret', 'my-image-pull-secret')
    await namespace.apply(
      '11-config/my-image-pull-secret.yaml',
      '11-config/kuard-tls.yaml',
      '11-config/kuard-secret-ips.yaml',
    )
    assert.equal(await namespace.read('secret/my-image-pull-secret', '.type'), type)
    await namespace.wait('pod/kuard-tls', 'condition=Ready')
    assert.equal(
      await namespace.read('pod/kuard-tls', '.spec.imagePullSecrets[*].name'),
      'my-image-pull-secret',
    )
    assert.doesNotMatch(await namespace.kubectl('get', 'events'), /FailedToRetrieveImagePullSecret/)
  })
})
