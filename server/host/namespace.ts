/** The namespace of this pod, as Kubernetes mounts it beside the service account's token: before the process starts, so it is looked for once. */
import { readFileSync } from 'node:fs'

const path = '/var/run/secrets/kubernetes.io/serviceaccount/namespace'

/** Undefined before it was looked for. */
let known: string | null | undefined

/**
 * Null outside of a pod, and in one without a token (automountServiceAccountToken).
 * https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/
 */
export function podNamespace(): string | null {
  if (known === undefined) known = readNamespace()
  return known
}

function readNamespace(): string | null {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return null
  }
}
