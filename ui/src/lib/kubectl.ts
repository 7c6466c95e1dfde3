/** Commands for the cluster's side of a page. */
import type { Identity } from '../../../server/identity/wire.ts'
import { shellWord } from './shell.ts'

/**
 * A kubectl command in this pod's namespace, if that is known.
 * @param words with `$POD` where the pod's name goes
 */
export function kubectl(identity: Identity | undefined, words: string): string {
  const namespace = identity?.namespace ?? null
  const inNamespace = namespace === null ? '' : ` -n ${shellWord(namespace)}`
  const pod = shellWord(identity?.hostname ?? 'POD')
  return `kubectl${inNamespace} ${words.replaceAll('$POD', () => pod)}`
}
