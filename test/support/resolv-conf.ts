/** Starts the built server with an /etc/resolv.conf of its own, as a pod has one. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startKuard, type Kuard } from './kuard.ts'

/** Says why it can't be done here, or false when it can: it takes root to mount a file, and to give a name server port 53. */
export function whyNoResolvConf(): string | false {
  const { status } = spawnSync('unshare', ['--mount', 'true'])
  if (status === 0 && process.getuid?.() === 0) return false
  return 'only root, where it may make mount namespaces, can give a server an /etc/resolv.conf of its own'
}

/**
 * Starts the server in a mount namespace of its own.
 * @param text what its /etc/resolv.conf says
 * @returns the server, and a function that gives the file other words
 */
export async function startWithResolvConf(
  context: TestContext,
  text: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<{ kuard: Kuard; rewrite: (text: string) => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'kuard-resolv-conf-'))
  context.after(() => rm(folder, { recursive: true }))
  const path = join(folder, 'resolv.conf')
  const rewrite = (newText: string) => writeFile(path, newText)
  await rewrite(text)
  const mount = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
  const kuard = await startKuard(context, args, {
    under: ['unshare', '--mount', 'sh', '-c', mount, path],
    env,
  })
  return { kuard, rewrite }
}
