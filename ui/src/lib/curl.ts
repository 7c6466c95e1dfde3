/** Commands that call this very server, below its prefix. */
import { root } from './root.ts'
import { shellWord } from './shell.ts'

/**
 * The beginning of a curl command; more options may follow.
 * @param path below the root
 * @param options such as `-X PUT`
 */
export function curl(path: string, ...options: readonly string[]): string {
  // The certificate may be one that kuard made.
  const trust = root.protocol === 'https:' ? ['-k'] : []
  return ['curl', ...trust, ...options, shellWord(new URL(path, root).href)].join(' ')
}
