/**
 * Builds dist/: the executable, a bundle for each of its tasks and each library that is loaded late, the code that V8 compiles of the
 * server for a quick start, and the UI, the manifests and the labs that it serves.
 */
import { existsSync } from 'node:fs'
import { access, cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { build, type BuildOptions } from 'esbuild'
import { build as buildWithVite } from 'vite'
import { bundling, root } from './bundling.ts'
import { shipChapters } from './chapters.ts'
import { keepCompiledCode } from './compiled-code.ts'
import { shippedFile } from './labs/shipped.ts'
import { librariesLate, libraryFiles, namesLate, sharedFiles, tasksLate, unusedLeftOut } from './late.ts'
import { buildServer } from './server-parts.ts'

/** Built beside dist/ and put in its place when it is whole, since what is there may be running. */
const fresh = join(root, `dist-${process.pid}`)

/** What the executable can be asked for, each a bundle of its own; `serve` runs the server's, from compiled code. */
const tasks = {
  check: 'server/cli/check.ts',
  certs: 'server/cli/certs.ts',
  reach: 'server/cli/reach.ts',
  serve: 'server/process/compiled-server.ts',
}

const named: BuildOptions = { ...bundling, outdir: fresh, outExtension: { '.js': '.cjs' } }

try {
  await Promise.all([
    build({ ...named, entryPoints: { kuard: 'server/process/start.ts' }, plugins: [tasksLate] }),
    build({ ...named, entryPoints: tasks, plugins: [namesLate, unusedLeftOut, librariesLate()] }),
    buildServer(fresh),
    build({ ...named, entryPoints: libraryFiles, plugins: [unusedLeftOut, librariesLate()] }),
    ...Array.from(sharedFiles, ([file, contents]) => buildShared(file, contents)),
  ])
  await buildUi()
  await cp(join(root, 'manifests'), join(fresh, 'manifests'), {
    recursive: true,
    // It says what the page says.
    filter: (path) => basename(path) !== 'README.md',
  })
  shipChapters(join(fresh, 'manifests'))
  await writeFile(join(fresh, 'labs.json'), JSON.stringify(shippedFile()))
  const preload = join(import.meta.dirname, 'keep-compiled-code.cjs')
  await keepCompiledCode([process.execPath, '--require', preload, join(fresh, 'kuard.cjs')])
  // Without it all works, and no start is quick.
  await access(join(fresh, 'server.cache'))
  await replace(join(root, 'dist'))
} finally {
  await rm(fresh, { recursive: true, force: true })
}

/** Builds a file that several late libraries share. */
async function buildShared(file: string, contents: string): Promise<void> {
  await build({
    ...bundling,
    stdin: { contents, resolveDir: root },
    outfile: join(fresh, `${file}.cjs`),
    plugins: [unusedLeftOut, librariesLate(file)],
  })
}

/** Puts the new folder in the place of the old one. */
async function replace(dist: string): Promise<void> {
  const old = `${fresh}-old`
  if (existsSync(dist)) await rename(dist, old)
  await rename(fresh, dist)
  await rm(old, { recursive: true, force: true })
}

/** The UI as ui/vite.config.ts says, and a gzipped twin of each file that its page loads. */
async function buildUi(): Promise<void> {
  const outDir = join(fresh, 'ui')
  await buildWithVite({ root: join(root, 'ui'), build: { outDir }, logLevel: 'warn' })
  const assets = join(outDir, 'assets')
  for (const name of await readdir(assets)) {
    const zipped = await promisify(gzip)(await readFile(join(assets, name)), { level: 9 })
    await writeFile(join(assets, `${name}.gz`), zipped)
  }
}
