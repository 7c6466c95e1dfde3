/** Builds dist/: the server in one file, the code that V8 compiles of it for a quick start, and the executable that runs both. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build, type BuildOptions, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

/** grpc-health-check reads its .proto two folders above its own file; here that is dist/proto. */
const healthProto: Plugin = {
  name: 'health-proto',
  setup(bundler) {
    bundler.onLoad({ filter: /grpc-health-check\/build\/src\/health\.js$/ }, async ({ path }) => {
      await cp(join(dirname(path), '../../proto'), join(dist, 'proto'), { recursive: true })
      return { contents: (await readFile(path, 'utf8')).replaceAll('../../proto', 'proto') }
    })
  },
}

/** CommonJS, since Node evaluates every getter of a built-in module that an ES module imports. */
const options: BuildOptions = {
  absWorkingDir: root,
  outdir: dist,
  outExtension: { '.js': '.cjs' },
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

await rm(dist, { recursive: true, force: true })
await build({ ...options, entryPoints: { server: 'server/start.ts' }, plugins: [healthProto] })
await build({ ...options, entryPoints: { kuard: 'server/kuard.ts' } })
await keepCompiledCode()

/** Serves a few requests with a preload that keeps what V8 compiled by then. */
async function keepCompiledCode(): Promise<void> {
  const preload = join(import.meta.dirname, 'keep-compiled-code.cjs')
  const args = ['--require', preload, join(dist, 'kuard.cjs'), '--address=127.0.0.1:0', '--shutdown-delay=0']
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let log = ''
  for await (const chunk of server.stdout) {
    log += String(chunk)
    const port = /Serving on HTTP on \S+:(\d+)/.exec(log)?.[1]
    if (port === undefined) continue
    for (const path of ['healthy', 'ready', 'healthy/api', '']) {
      await fetch(`http://127.0.0.1:${port}/${path}`, { headers: { connection: 'close' } })
    }
    server.kill()
    break
  }
  if (server.exitCode === null) await once(server, 'exit')
  if (server.exitCode !== 0) throw new Error(`the built server does not start:\n${log}`)
}
