/** Starts the built server where it finds what Kubernetes mounts into a pod. */
import type { TestContext } from 'node:test'
import { startKuard, type Kuard } from './kuard.ts'

/** Where the service account's token is, and the namespace beside it. */
export const serviceAccount = '/run/secrets/kubernetes.io/serviceaccount'

/** @param namespace the pod's; none where no token is mounted */
export function startInPod(context: TestContext, namespace?: string): Promise<Kuard> {
  const write = namespace === undefined ? '' : ` && echo "$0" > ${serviceAccount}/namespace`
  const mount = `mount -t tmpfs none /run && mkdir -p ${serviceAccount}${write} && exec "$@"`
  return startKuard(context, [], {
    under: ['unshare', '--map-root-user', '--mount', 'sh', '-c', mount, namespace ?? ''],
  })
}
