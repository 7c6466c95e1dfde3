/** Starts programs in mounts that look as those that a kubelet and a container runtime make for a pod: real ones, in a namespace of their own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { atEnd } from './at-end.ts'

/** The pod's, by which the kubelet names its folder. */
export const podUid = '5dd1c6c1-ca75-44be-a90b-6c2baf18d1eb'

/** What the pod is given. */
export interface PodMountsOptions {
  /** /etc/hosts, as the kubelet writes it. */
  readonly hosts?: string
  /** /etc/resolv.conf. */
  readonly settings?: string
  /** More mounts, in sh: `$pod` is the kubelet's folder for the pod, `$v` one for mount points, `$node` another of the node. */
  readonly script?: string
}

/** Whom to run a program under, and where its volumes are mounted. */
export interface PodMounts {
  readonly under: readonly [string, ...string[]]
  readonly points: string
  readonly node: string
}

/** Makes the folders, which are removed when the test ends. */
export async function podMounts(
  context: TestContext,
  { hosts = managedHosts, settings = '', script = '' }: PodMountsOptions,
): Promise<PodMounts> {
  const folder = await mkdtemp(join(tmpdir(), 'kuard-pod-'))
  atEnd(context, () => rm(folder, { recursive: true }))
  const pod = join(folder, 'kubelet/pods', podUid)
  const sandbox = join(folder, 'sandboxes', 'c4'.repeat(32))
  const [points, node] = [join(folder, 'v'), join(folder, 'srv')]
  for (const one of [pod, sandbox, points, node]) await mkdir(one, { recursive: true })
  await writeFile(join(pod, 'etc-hosts'), hosts)
  await writeFile(join(sandbox, 'resolv.conf'), settings)
  const mounts = [
    'set -e',
    'mount --bind "$pod/etc-hosts" /etc/hosts',
    `mount --bind ${sandbox}/resolv.conf /etc/resolv.conf`,
    script,
    'exec "$@"',
  ].join('\n')
  const variables = [`pod=${pod}`, `v=${points}`, `node=${node}`]
  return { under: ['env', ...variables, 'unshare', '--mount', 'sh', '-c', mounts, 'sh'], points, node }
}

/** As the kubelet writes it for a pod with a network of its own, without hostAliases. */
export const managedHosts = [
  '# Kubernetes-managed hosts file.',
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::1\tip6-allnodes',
  '10.244.2.91\tweb.sub.default.svc.cluster.local\tweb',
  '',
].join('\n')
