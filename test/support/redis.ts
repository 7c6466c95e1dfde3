/** Starts a real Redis, as Debian packages it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { atEnd, type Lifetime } from './at-end.ts'
import { command } from './command.ts'
import { eventually } from './eventually.ts'
import { temporaryFolder } from './folder.ts'
import { freePort, isFree } from './free-port.ts'

/** How far above a node's port the one is on which a cluster's nodes speak to each other, as Redis has it. */
const busOffset = 10_000

/** A port of 127.0.0.1 that nobody has, nor its bus. */
export async function freeRedisPort(): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (await isFree(port + busOffset)) return port
  }
}

/** One that runs on 127.0.0.1, in a folder that goes with its test. */
export class Redis {
  readonly port: number
  readonly #folder: string
  readonly #args: readonly string[]
  #child: ChildProcess = spawn('true')

  constructor(context: Lifetime, port: number, args: readonly string[]) {
    this.port = port
    this.#args = args
    this.#folder = temporaryFolder(context)
    atEnd(context, () => this.kill())
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`
  }

  /** Starts it, anew if it was ended, on what it has written. */
  async start(): Promise<this> {
    const own = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', '']
    this.#child = spawn('redis-server', [...own, ...this.#args], { stdio: 'ignore' })
    await eventually('Redis to answer', async () => /^(PONG|NOAUTH)/.test(await this.cli('PING')))
    return this
  }

  /** Runs redis-cli: what it prints. */
  async cli(...args: string[]): Promise<string> {
    const { output } = await command('redis-cli', ['-p', String(this.port), ...args])
    return output.trim()
  }

  /** Ends it at once, or stops and continues it. */
  async kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): Promise<void> {
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) return
    this.#child.kill(signal)
    if (signal === 'SIGKILL') await new Promise((resolve) => this.#child.once('exit', resolve))
  }
}

/** @param args as redis-server takes them */
export const startRedis = async (context: Lifetime, args: readonly string[] = []): Promise<Redis> =>
  new Redis(context, await freeRedisPort(), args).start()

/** Several that share the keys, each on 127.0.0.1 and without a replica. */
export class RedisCluster {
  readonly nodes: readonly Redis[]

  constructor(nodes: readonly Redis[]) {
    this.nodes = nodes
  }

  /** Of one node, which knows the others. */
  get url(): string {
    return this.nodes[0]?.url ?? ''
  }

  /** Runs redis-cli on every node: what each prints. */
  cli(...args: string[]): Promise<string[]> {
    return Promise.all(this.nodes.map((node) => node.cli(...args)))
  }
}

/**
 * Starts a cluster of three nodes, and waits until each of them says that it is whole.
 * @param args as redis-server takes them
 */
export async function startRedisCluster(
  context: Lifetime,
  args: readonly string[] = [],
): Promise<RedisCluster> {
  const start = () => startRedis(context, ['--cluster-enabled', 'yes', ...args])
  const nodes = [await start(), await start(), await start()]
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
  const create = ['--cluster', 'create', ...addresses, '--cluster-yes']
  const { code, output, errors } = await command('redis-cli', create)
  if (code !== 0) throw new Error(output + errors)
  const cluster = new RedisCluster(nodes)
  await eventually('the Redis Cluster to be whole', async () =>
    (await cluster.cli('CLUSTER', 'INFO')).every((info) => info.includes('cluster_state:ok')),
  )
  return cluster
}
