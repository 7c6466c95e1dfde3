/** Manifests for one test, in place of those that ship. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { shipChapters } from '../../scripts/chapters.ts'
import { temporaryFolder } from './folder.ts'
import { executable, startKuard, type Kuard } from './kuard.ts'

/** Those that ship. */
export const manifestsFolder = join(import.meta.dirname, '../../manifests')

/**
 * Starts a server that finds these files where else its own manifests are.
 * @param files their texts by their paths
 * @param folder where they are put
 */
export function startWithManifests(
  context: TestContext,
  files: Readonly<Record<string, string>>,
  folder = temporaryFolder(context),
): Promise<Kuard> {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  shipChapters(folder)
  const mount = `mount --bind "$0" "${join(dirname(executable), 'manifests')}" && exec "$@"`
  const under = ['unshare', '--map-root-user', '--mount', 'sh', '-c', mount, folder]
  return startKuard(context, [], { under })
}
