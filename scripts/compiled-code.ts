/**
 * Keeps the code that V8 compiles of a bundle for a quick start: runs the server with the preload that writes it at the
 * end, and asks for what a start calls. As a program it takes the command that does so, for an image's own Node.js.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** @param command runs the executable with keep-compiled-code.cjs preloaded */
export async function keepCompiledCode([program = '', ...args]: readonly string[]): Promise<void> {
  const server = spawn(program, [...args, '--address=127.0.0.1:0', '--shutdown-delay=0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
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

if (import.meta.main) await keepCompiledCode(process.argv.slice(2))
