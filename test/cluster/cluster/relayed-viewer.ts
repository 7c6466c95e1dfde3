/** A viewer that reaches the API server by way of relay.ts, which runs beside it. */
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { generateCerts } from '../../../server/cli/certs.ts'
import { makeNamespace } from '../../support/cluster.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { applyAll, container, pod, podSpec, Viewer } from './viewer.ts'

/** Where Kubernetes mounts a service account. */
const account = '/var/run/secrets/kubernetes.io/serviceaccount'

export class RelayedViewer {
  readonly viewer: Viewer

  private constructor(viewer: Viewer) {
    this.viewer = viewer
  }

  static async start(context: TestContext): Promise<RelayedViewer> {
    const folder = temporaryFolder(context)
    await generateCerts(folder)
    const namespace = await makeNamespace(context)
    const files = [
      ...['kuard.crt', 'kuard.key'].map((name) => join(folder, name)),
      join(import.meta.dirname, 'relay.ts'),
    ]
    const given = files.map((path) => `--from-file=${path}`)
    await namespace.kubectl('create', 'secret', 'generic', 'relay', ...given)
    await applyAll(namespace, pod('viewer', spec))
    return new RelayedViewer(await Viewer.of(context, namespace))
  }

  /** Takes the API server away, with every connection to it. */
  async takeAway(): Promise<void> {
    await this.#beside('kill', '-HUP', '1')
  }

  async bringBack(): Promise<void> {
    await this.#beside('kill', '-CONT', '1')
  }

  /** Ends every request that is under way, so that each is made anew. */
  async interrupt(): Promise<void> {
    await this.#beside('kill', '-USR2', '1')
  }

  /** Has the pod find another token, at once. */
  async useToken(token: string): Promise<void> {
    const replace = 'printf %s "$0" >/account/new && mv /account/new /account/token'
    await this.#beside('sh', '-c', replace, token)
  }

  /** What was asked so far, as `GET /api/v1/nodes?limit=100`; each once. */
  async requests(): Promise<string[]> {
    const log = await this.viewer.namespace.kubectl('logs', 'viewer', '--container=relay')
    return [...new Set(log.split('\n'))]
  }

  async #beside(...command: string[]): Promise<void> {
    await this.viewer.namespace.kubectl('exec', 'viewer', '--container=relay', '--', ...command)
  }
}

const relay = container({
  name: 'relay',
  command: ['/usr/bin/node', '/relay/relay.ts'],
  restartPolicy: 'Always',
  startupProbe: { tcpSocket: { port: 6443 }, periodSeconds: 1 },
  volumeMounts: [
    { name: 'relay', mountPath: '/relay' },
    { name: 'given', mountPath: account },
    { name: 'account', mountPath: '/account' },
  ],
})

const spec = podSpec({
  automountServiceAccountToken: false,
  initContainers: [relay],
  containers: [
    container({
      env: [
        { name: 'KUBERNETES_SERVICE_HOST', value: 'localhost' },
        { name: 'KUBERNETES_SERVICE_PORT', value: '6443' },
      ],
      volumeMounts: [{ name: 'account', mountPath: account, readOnly: true }],
    }),
  ],
  volumes: [
    { name: 'relay', secret: { secretName: 'relay' } },
    { name: 'account', emptyDir: {} },
    {
      name: 'given',
      projected: {
        sources: [
          { serviceAccountToken: { path: 'token' } },
          { configMap: { name: 'kube-root-ca.crt' } },
          { downwardAPI: { items: [{ path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
        ],
      },
    },
  ],
})
