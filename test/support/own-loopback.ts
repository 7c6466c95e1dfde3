/**
 * A network namespace with nothing in it but a loopback interface, whose ports lead to ports outside, through sockets in the file
 * system: so each chapter has a port 8080 of its own, and a browser doesn't notice that the machine gets and loses interfaces.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { atEnd, type Lifetime } from './at-end.ts'
import { temporaryFolder } from './folder.ts'

export class OwnLoopback {
  readonly #lifetime: Lifetime
  readonly #folder: string
  readonly #inside: ChildProcessByStdio<Writable, Readable, null>

  /** It is there until the lifetime ends. */
  constructor(lifetime: Lifetime) {
    this.#lifetime = lifetime
    this.#folder = temporaryFolder(lifetime)
    this.#inside = spawn(
      'unshare',
      ['--map-root-user', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'].concat(
        process.execPath,
        import.meta.filename,
        this.#folder,
      ),
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    atEnd(lifetime, async () => {
      this.#inside.kill('SIGKILL')
      await once(this.#inside, 'close')
    })
  }

  /** What a command is put under to be run in it, once a port has been opened. */
  get under(): string[] {
    return ['nsenter', `--target=${this.#inside.pid ?? 0}`, '--user', '--net', '--preserve-credentials', '--']
  }

  /** Has a port inside lead to the port of the same number outside; one at a time. */
  async open(port: number, host = '127.0.0.1'): Promise<void> {
    const outside = createServer((client) => {
      pass(client, connect(port, host))
    })
    atEnd(this.#lifetime, () => {
      outside.close()
    })
    outside.listen(socketFor(this.#folder, port))
    await once(outside, 'listening')
    this.#inside.stdin.write(`${port}\n`)
    await once(this.#inside.stdout, 'data')
  }
}

const socketFor = (folder: string, port: number): string => join(folder, String(port))

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
  const [folder = ''] = process.argv.slice(2)
  createInterface(process.stdin).on('line', (port) => {
    createServer((client) => {
      pass(client, connect(socketFor(folder, Number(port))))
    }).listen(Number(port), '127.0.0.1', () => process.stdout.write('listens\n'))
  })
}
