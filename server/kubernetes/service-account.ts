/** Who this pod is to the API server: what Kubernetes mounts into it and sets in its environment. */
import { readFile } from 'node:fs/promises'

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const folder = '/var/run/secrets/kubernetes.io/serviceaccount'

/** What a request to the API server needs beside its path. */
export interface Credentials {
  readonly token: string
  /** The certificates that the API server's own is signed by, in PEM. */
  readonly authority: string
}

/** This pod has nothing to speak to an API server with; the message says what is missing. */
export class NoServiceAccount extends Error {
  override name = 'NoServiceAccount'
}

/** The API server's address, as the kubelet sets it in the environment of each container; undefined outside a pod, and where it is none. */
export function apiServerUrl({
  KUBERNETES_SERVICE_HOST: host = '',
  KUBERNETES_SERVICE_PORT: port = '443',
}: NodeJS.ProcessEnv): URL | undefined {
  if (host === '') return undefined
  return URL.parse(`https://${host.includes(':') ? `[${host}]` : host}:${port}`) ?? undefined
}

/**
 * Read anew for each request: the kubelet renews the token before it ends.
 * https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken
 * @throws NoServiceAccount when none is mounted
 */
export async function readCredentials(): Promise<Credentials> {
  const [token, authority] = await Promise.all([
    readMounted('token', 'this pod has no service account token (automountServiceAccountToken: false?)'),
    readMounted('ca.crt', 'this pod has no certificate to know the API server by'),
  ])
  return { token: token.trim(), authority }
}

/** @param lack what it means that there is none */
async function readMounted(name: string, lack: string): Promise<string> {
  try {
    return await readFile(`${folder}/${name}`, 'utf8')
  } catch (error) {
    throw new NoServiceAccount(`${lack}: ${(error as Error).message}`)
  }
}
