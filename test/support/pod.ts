/** Starts the built server where it finds what Kubernetes mounts into a pod. */
import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestApiServer } from './api-server.ts'
import type { Lifetime } from './at-end.ts'
import { temporaryFolder } from './folder.ts'
import { startKuard, type Kuard, type StartOptions } from './kuard.ts'

/** Where the service account's token is, and the namespace beside it. */
export const serviceAccount = '/run/secrets/kubernetes.io/serviceaccount'

/** @param namespace the pod's; none where no token is mounted */
export function startInPod(
  lifetime: Lifetime,
  namespace?: string,
  options: Omit<StartOptions, 'under'> = {},
): Promise<Kuard> {
  const write = namespace === undefined ? '' : ` && echo "$0" > ${serviceAccount}/namespace`
  const mount = `mount -t tmpfs none /run && mkdir -p ${serviceAccount}${write} && exec "$@"`
  return startKuard(lifetime, [], {
    ...options,
    under: ['unshare', '--map-root-user', '--mount', 'sh', '-c', mount, namespace ?? ''],
  })
}

/** What is mounted for the service account: `token`, `ca.crt` and `namespace`, which may change while the pod runs. */
export class Mounted {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
  }

  /** Replaces a file at once, as the kubelet does. */
  write(name: 'token' | 'ca.crt' | 'namespace', text: string): void {
    const path = join(this.folder, name)
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }

  remove(name: 'token' | 'ca.crt' | 'namespace'): void {
    rmSync(join(this.folder, name))
  }
}

/** A server that takes itself for a pod. */
export interface Pod {
  readonly kuard: Kuard
  readonly mounted: Mounted
}

/** What a pod is to be, beside its place in a cluster. */
export interface PodOptions extends Omit<StartOptions, 'under'> {
  /** Of the pod; `kuard` if it is left out. */
  readonly name?: string
  /** `default` if it is left out. */
  readonly namespace?: string
  /** More arguments. */
  readonly args?: readonly string[]
}

/**
 * Starts the server as a pod that may ask an API server: with a token that it takes, ca.crt and the namespace where Kubernetes mounts
 * them, the address in its environment, and the pod's name for its host's.
 */
export async function startPodIn(
  lifetime: Lifetime,
  api: TestApiServer,
  { name = 'kuard', namespace = 'default', args = [], env, ...options }: PodOptions = {},
): Promise<Pod> {
  const mounted = new Mounted(temporaryFolder(lifetime))
  mounted.write('token', newToken(api))
  mounted.write('ca.crt', api.authority)
  mounted.write('namespace', namespace)
  const script = [
    'hostname "$0"',
    'mount -t tmpfs none /run',
    `mkdir -p ${serviceAccount}`,
    `mount --bind "$1" ${serviceAccount}`,
    'shift',
    'exec "$@"',
  ].join(' && ')
  const kuard = await startKuard(lifetime, args, {
    ...options,
    env: { ...api.env, ...env },
    under: ['unshare', '--map-root-user', '--mount', '--uts', 'sh', '-c', script, name, mounted.folder],
  })
  return { kuard, mounted }
}

/**
 * A token that an API server takes from now on, as Kubernetes binds them to pods: a JWT, without a signature that anyone checks.
 * @param seconds how long it lasts
 * @param asked how long it was asked to last, in seconds, where that was extended
 */
export function newToken(api: TestApiServer, seconds = 3607, asked?: number): string {
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    aud: ['https://kubernetes.default.svc.cluster.local'],
    exp: now + seconds,
    iat: now,
    iss: 'https://kubernetes.default.svc.cluster.local',
    jti: randomUUID(),
    sub: api.user,
    ...(asked === undefined ? {} : { 'kubernetes.io': { warnafter: now + asked } }),
  }
  const parts = [{ alg: 'RS256', kid: 'test' }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  )
  const token = [...parts, 'signature'].join('.')
  api.tokens.add(token)
  return token
}
