/** Which modules a server has loaded so far, Node's own and files. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Lifetime } from './at-end.ts'
import { eventually } from './eventually.ts'
import { temporaryFolder } from './folder.ts'
import { startKuard, type Kuard } from './kuard.ts'

/** @returns `modules`, to be called once: Node's own as `NativeModule http`, files by their paths */
export async function startWatched(
  lifetime: Lifetime,
  args: readonly string[] = [],
): Promise<{ readonly kuard: Kuard; readonly modules: () => Promise<ReadonlySet<string>> }> {
  const file = join(temporaryFolder(lifetime), 'modules')
  const preload = join(import.meta.dirname, 'modules-preload.cjs')
  const kuard = await startKuard(lifetime, args, {
    nodeArgs: ['--require', preload],
    env: { MODULES_FILE: file },
  })
  const modules = async () => {
    kuard.child.kill('SIGUSR2')
    await eventually('the list', () => existsSync(file) && readFileSync(file, 'utf8') !== '')
    return new Set(readFileSync(file, 'utf8').split('\n'))
  }
  return { kuard, modules }
}

/** The names of the bundles among them. */
export const filesIn = (modules: ReadonlySet<string>): string[] =>
  [...modules].filter((name) => name.endsWith('.cjs')).map((name) => basename(name))
