/**
 * Builds dist/: the executable, a bundle for each of its tasks and each library that is loaded late, the code that V8 compiles of the
 * server for a quick start, and the UI and the manifests that it serves.
 */
import { existsSync } from 'node:fs'
import { access, cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { build, type BuildOptions, type Plugin } from 'esbuild'
import { build as buildWithVite } from 'vite'
import { keepCompiledCode } from './compiled-code.ts'
import { librariesLate, libraryFiles, namesLate, sharedFiles, tasksLate, unusedLeftOut } from './late.ts'

const root = join(import.meta.dirname, '..')
/** Built beside dist/ and put in its place when it is whole, since what is there may be running. */
const fresh = join(root, `dist-${process.pid}`)

/** grpc-health-check reads its .proto two folders above its own file; here that is dist/proto. */
const healthProto: Plugin = {
  name: 'health-proto',
  setup(bundler) {
    bundler.onLoad({ filter: /grpc-health-check\/build\/src\/health\.js$/ }, async ({ path }) => {
      await cp(join(dirname(path), '../../proto'), join(fresh, 'proto'), { recursive: true })
      return { contents: (await readFile(path, 'utf8')).replaceAll('../../proto', 'proto') }
    })
  },
}

/** What the executable can be asked for, each a bundle of its own; the server's is run by `serve`, from compiled code. */
const tasks = {
  check: 'server/cli/check.ts',
  certs: 'server/cli/certs.ts',
  reach: 'server/cli/reach.ts',
  serve: 'server/process/compiled-server.ts',
  server: 'server/process/serve.ts',
}

/** CommonJS, since Node evaluates every getter of a built-in module that an ES module imports. */
const options: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node22',
  supported: { 'dynamic-import': false },
  // Names stay as they are, for stack traces.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  logLevel: 'warning',
}

const named: BuildOptions = { ...options, outdir: fresh, outExtension: { '.js': '.cjs' } }

try {
  await Promise.all([
    build({ ...named, entryPoints: { kuard: 'server/process/start.ts' }, plugins: [tasksLate] }),
    build({ ...named, entryPoints: tasks, plugins: [namesLate, unusedLeftOut, librariesLate()] }),
    build({ ...named, entryPoints: libraryFiles, plugins: [unusedLeftOut, librariesLate()] }),
    ...Array.from(sharedFiles, ([file, contents]) => buildShared(file, contents)),
  ])
  await buildUi()
  await cp(join(root, 'manifests'), join(fresh, 'manifests'), {
    recursive: true,
    // It says what the page says.
    filter: (path) => basename(path) !== 'README.md',
  })
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
    ...options,
    stdin: { contents, resolveDir: root },
    outfile: join(fresh, `${file}.cjs`),
    plugins: [healthProto, unusedLeftOut, librariesLate(file)],
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
