/** Starts programs with an /etc/resolv.conf and an /etc/hosts of their own, as a pod has them. */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { atEnd } from './at-end.ts'
import { startKuard, type Kuard } from './kuard.ts'

/** Says why it can't be done here, or false when it can: it takes root to mount a file, and to give a name server port 53. */
export function whyNoResolvConf(): string | false {
  const { status } = spawnSync('unshare', ['--mount', 'true'])
  if (status === 0 && process.getuid?.() === 0) return false
  return 'only root, where it may make mount namespaces, can give a server an /etc/resolv.conf of its own'
}

/** What the files in /etc say. */
export type EtcFiles = Readonly<Partial<Record<'resolv.conf' | 'hosts' | 'nsswitch.conf', string>>>

/** Files that stand in /etc for those of this machine. */
export interface Etc {
  /** The command that another is run under, to see them. */
  readonly under: readonly [string, ...string[]]
  /** Gives the files other words. */
  readonly rewrite: (files: EtcFiles) => Promise<void>
}

/** Writes the files; removed when the test ends. Names are looked up in them and then in DNS. */
export async function etcFiles(context: TestContext, files: EtcFiles): Promise<Etc> {
  const folder = await mkdtemp(join(tmpdir(), 'kuard-etc-'))
  atEnd(context, () => rm(folder, { recursive: true }))
  const rewrite = async (texts: EtcFiles) => {
    for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text)
  }
  await rewrite({ 'resolv.conf': '', hosts: '127.0.0.1 localhost\n', 'nsswitch.conf': 'hosts: files dns\n' })
  await rewrite(files)
  const mount = 'for file in "$0"/*; do mount --bind "$file" "/etc/${file##*/}" || exit; done; exec "$@"'
  return { under: ['unshare', '--mount', 'sh', '-c', mount, folder], rewrite }
}

/**
 * Starts the server with an /etc/resolv.conf of its own.
 * @param text what the file says
 * @returns the server, and a function that gives the file other words
 */
export async function startWithResolvConf(
  context: TestContext,
  text: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<{ kuard: Kuard; rewrite: (text: string) => Promise<void> }> {
  const { under, rewrite } = await etcFiles(context, { 'resolv.conf': text })
  const kuard = await startKuard(context, args, { under, env })
  return { kuard, rewrite: (newText) => rewrite({ 'resolv.conf': newText }) }
}
