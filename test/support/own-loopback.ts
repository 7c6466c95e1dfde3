/**
 * A loopback interface for one chapter, so that each has a port 8080 of its own: a network namespace that leads nowhere but to the API
 * server, through a socket in the file system.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { atEnd, type Lifetime } from './at-end.ts'
import { temporaryFolder } from './folder.ts'

/** @returns what a command is put under to be run in it */
export async function ownLoopback(lifetime: Lifetime, host: string, port: number): Promise<string[]> {
  const socket = join(temporaryFolder(lifetime), 'api-server')
  const outside = createServer((client) => {
    pass(client, connect(port, host))
  })
  atEnd(lifetime, () => {
    outside.close()
  })
  outside.listen(socket)
  const inside = spawn(
    'unshare',
    ['--map-root-user', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'].concat(
      process.execPath,
      import.meta.filename,
      socket,
      String(port),
    ),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  atEnd(lifetime, async () => {
    inside.kill('SIGKILL')
    await once(inside, 'close')
  })
  await once(inside.stdout, 'data')
  return ['nsenter', `--target=${inside.pid ?? 0}`, '--user', '--net', '--preserve-credentials', '--']
}

function pass(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const)
    from
      .pipe(to)
      .on('error', () => from.destroy())
      .on('close', () => from.destroy())
}

// What runs inside.
if (import.meta.main) {
  const [socket = '', port = ''] = process.argv.slice(2)
  createServer((client) => {
    pass(client, connect(socket))
  }).listen(Number(port), '127.0.0.1', () => process.stdout.write('listens\n'))
}
