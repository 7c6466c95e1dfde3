/** Builds dist/: the server in one bundle, parts that are rarely needed beside it, and V8's compiled code for a quick start. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

/** CommonJS libraries inside an ES module still ask for these. */
const commonJs = `import { createRequire as createRequire_ } from 'node:module'
const require = createRequire_(import.meta.url), __dirname = import.meta.dirname, __filename = import.meta.filename`

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

await rm(dist, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: { kuard: 'server/kuard.ts' },
  outdir: dist,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  // Names and lines stay as they are, for stack traces.
  minifySyntax: true,
  legalComments: 'linked',
  banner: { js: commonJs },
  plugins: [healthProto],
  logLevel: 'warning',
})
await warmCompileCache()

/** Serves once and ends cleanly, which is when Node writes what V8 compiled. */
async function warmCompileCache(): Promise<void> {
  const args = [join(dist, 'kuard.mjs'), '--address=127.0.0.1:0', '--shutdown-delay=0']
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let log = ''
  for await (const chunk of server.stdout) {
    log += String(chunk)
    const port = /Serving on HTTP on \S+:(\d+)/.exec(log)?.[1]
    if (port === undefined) continue
    await fetch(`http://127.0.0.1:${port}/healthy`, { headers: { connection: 'close' } })
    server.kill()
    break
  }
  if (server.exitCode === null) await once(server, 'exit')
  if (server.exitCode !== 0) throw new Error(`the built server does not start:\n${log}`)
}
