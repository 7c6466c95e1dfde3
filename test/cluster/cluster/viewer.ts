/** What the proofs of the Cluster tab share: a pod that looks on, and its page. */
import type { TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import type { PageOptions } from '../../support/browser.ts'
import { openPageOfPod } from '../../support/cluster-page.ts'
import {
  kubectl,
  makeNamespace,
  type Forward,
  type Namespace,
  type SecurityLevel,
} from '../../support/cluster.ts'

/** A container that Pod Security's restricted level admits. @param more fields beside these, or in their place */
export const container = (more: object = {}): object => ({
  name: 'kuard',
  image: 'kuard:blue',
  imagePullPolicy: 'IfNotPresent',
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  ...more,
})

/** A pod of one such container, and quick to end. @param more as of `container` */
export const podSpec = (more: object = {}): object => ({
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  terminationGracePeriodSeconds: 1,
  containers: [container()],
  ...more,
})

/** A pod of no owner's. */
export const pod = (name: string, spec = podSpec()): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: name } },
  spec,
})

/** Pods of one kind. @param spec of each */
export const deployment = (name: string, replicas: number, spec = podSpec(), more: object = {}): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec },
    ...more,
  },
})

/** Applies objects in one go. */
export const applyAll = (namespace: Namespace, ...items: readonly object[]): Promise<string> =>
  namespace.applyText(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))

/** A pod that sees its namespace. */
export class Viewer {
  readonly namespace: Namespace
  readonly #context: TestContext
  readonly #forward: Forward

  private constructor(context: TestContext, namespace: Namespace, forward: Forward) {
    this.#context = context
    this.namespace = namespace
    this.#forward = forward
  }

  /** Starts the one that ships in a namespace of its own. */
  static async start(context: TestContext, level?: SecurityLevel): Promise<Viewer> {
    const namespace = await makeNamespace(context, level)
    await namespace.apply('viewer.yaml')
    return Viewer.of(context, namespace)
  }

  /** Waits for the pod `viewer`, and gives it the rights that it hands out itself. */
  static async of(context: TestContext, namespace: Namespace): Promise<Viewer> {
    await namespace.wait('pod/viewer', 'condition=Ready')
    const viewer = new Viewer(context, namespace, await namespace.forward('pod/viewer'))
    await viewer.allow()
    return viewer
  }

  /** Lets it see its namespace, as its page says. */
  async allow(): Promise<void> {
    const { text } = await this.#forward.get(`/manifests/cluster-view.yaml?namespace=${this.namespace.name}`)
    await kubectl(['apply', '--filename=-'], text)
  }

  /** Opens a view of the Cluster tab. @param view what follows the tab's own path, as `/owners`; by default the first is shown */
  open(view = '', options: PageOptions = {}): Promise<Page> {
    return openPageOfPod(this.#context, this.#forward, `/-/cluster${view}`, options)
  }
}
