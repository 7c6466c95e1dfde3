/** Runs the real nginx in front of a server. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { atEnd } from './at-end.ts'
import { eventually } from './eventually.ts'
import { temporaryFolder } from './folder.ts'

/**
 * Starts it as its package has it, but for what a test says of each site.
 * @param sites what stands in the `server` block of each name
 */
export async function startNginx(
  context: TestContext,
  port: number,
  sites: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = temporaryFolder(context)
  const servers = Object.entries(sites).map(
    ([name, words]) => `server { listen 127.0.0.1:${port}; server_name ${name}; ${words} }`,
  )
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr; events {}
     http { access_log off; ${paths.join(' ')} ${servers.join('\n')} }`,
  )
  const nginx = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin` },
  })
  const ended = once(nginx, 'exit')
  atEnd(context, async () => {
    nginx.kill('SIGKILL')
    await ended
  })
  await eventually('nginx to listen', async () => {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    return isOpen
  })
}
