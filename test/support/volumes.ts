/** Starts the built server with volumes that are mounted as the kubelet mounts them. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Lifetime } from './at-end.ts'
import { temporaryFolder } from './folder.ts'
import { startKuard, type Kuard } from './kuard.ts'
import { serviceAccount } from './pod.ts'

/** Texts by the names of their files. */
export type Files = Readonly<Record<string, string>>

/** What is mounted. */
export interface Volumes {
  /** What is in the service account's folder; left out, there is none. */
  readonly serviceAccount?: Files
  /** What is in another volume; left out, it is empty. */
  readonly other?: Files
  readonly env?: Readonly<Record<string, string>>
  /** Whether it has a network of its own, as most pods have; then it can only be asked from inside. */
  readonly ownNetwork?: boolean
}

const timed = '..2026_11_30_09_41_28.3255453133'

/** Files as the kubelet writes them: in a folder named by the time, which `..data` leads to, with links beside it. */
export function writeAsKubelet(folder: string, files: Files): void {
  mkdirSync(join(folder, timed))
  symlinkSync(timed, join(folder, '..data'))
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, timed, name), text)
    symlinkSync(join('..data', name), join(folder, name))
  }
}

/** @returns the server, and where the other volume is mounted */
export async function startWithVolumes(
  lifetime: Lifetime,
  { serviceAccount: own, other = {}, env = {}, ownNetwork = false }: Volumes,
): Promise<{ kuard: Kuard; mounted: string }> {
  const [ownFiles, otherFiles, mounted] = [1, 2, 3].map(() => temporaryFolder(lifetime)) as [
    string,
    string,
    string,
  ]
  if (own) writeAsKubelet(ownFiles, own)
  writeAsKubelet(otherFiles, other)
  const script = [
    'mount -t tmpfs none /run',
    ...(own ? [`mkdir -p ${serviceAccount}`, `mount -t tmpfs none ${serviceAccount}`] : []),
    ...(own ? [`cp -a "$0/." ${serviceAccount}/`] : []),
    'mount -t tmpfs none "$2"',
    'cp -a "$1/." "$2/"',
    ...(ownNetwork ? ['ip link set lo up'] : []),
    'shift 2',
    'exec "$@"',
  ].join(' && ')
  const network = ownNetwork ? ['--net'] : []
  const under = [
    'unshare',
    '--map-root-user',
    '--mount',
    ...network,
    'sh',
    '-c',
    script,
    ownFiles,
    otherFiles,
    mounted,
  ]
  return { kuard: await startKuard(lifetime, [], { under, env }), mounted }
}

/** A token as Kubernetes issues them, without a signature that anyone checks. */
export function tokenOf(claims: object): string {
  const parts = [{ alg: 'RS256', kid: 'test' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  return [...parts, 'signature'].join('.')
}

/** What a token of the pod `kuard` claims, which lasts for an hour. */
export const podsClaims = {
  aud: ['https://kubernetes.default.svc.cluster.local'],
  exp: 1796035295,
  iat: 1796031688,
  iss: 'https://kubernetes.default.svc.cluster.local',
  'kubernetes.io': {
    namespace: 'who',
    node: { name: 'node-1', uid: '3a787318-97e8-4854-97db-7652c394b2ff' },
    pod: { name: 'kuard', uid: 'a75bf5fb-ebdf-4541-8cfe-5ee66d2003ba' },
    serviceaccount: { name: 'default', uid: '431607be-afa6-4532-88ae-0a21ba17f910' },
  },
  sub: 'system:serviceaccount:who:default',
}
