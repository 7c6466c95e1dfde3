/** What to do with a manifest, by the address under which this page was reached. */
import { manifestPath } from '../../lib/api.ts'
import { curl } from '../../lib/curl.ts'
import { root } from '../../lib/root.ts'
import { shellWord } from '../../lib/shell.ts'

/**
 * Applies a file of YAML; brings any other into the current folder, for the commands that use it.
 * @param image for kuard's own; empty for none
 */
export function fileCommand(path: string, image: string): string {
  const address = manifestPath(path, image)
  if (!/\.ya?ml$/.test(path)) return curl(address, '-sSO')
  // kubectl trusts no certificate that kuard made, and has no option for that.
  if (root.protocol === 'https:') return `${curl(address, '-sS')} | kubectl apply -f -`
  return `kubectl apply -f ${shellWord(new URL(address, root).href)}`
}
