/** Starts a real Redis, or a Valkey, as Debian packages them. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

/** What is started. */
export type Program = 'redis-server' | 'valkey-server'

/** Whether it is installed: Debian has Valkey from 13 on only. */
export const isThere = (program: Program): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0

/** What a test is tried on, and why it is left out where it is. */
export const programs = (['redis-server', 'valkey-server'] as const).map((program) => ({
  program,
  skip: isThere(program) ? false : `${program} is not installed`,
}))

/** One that runs on 127.0.0.1, in a folder that goes with its test. */
export class Redis {
  readonly port: number
  readonly #folder: string
  readonly #args: readonly string[]
  readonly #program: Program
  #child: ChildProcess = spawn('true')

  constructor(context: Lifetime, port: number, args: readonly string[], program: Program = 'redis-server') {
    this.port = port
    this.#args = args
    this.#program = program
    this.#folder = temporaryFolder(context)
    atEnd(context, () => this.kill())
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}/0`
  }

  /** Starts it, anew if it was ended, on what it has written. */
  async start(): Promise<this> {
    const own = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder, '--save', '']
    this.#child = spawn(this.#program, [...this.#args, ...own], { stdio: 'ignore' })
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
export const startRedis = async (
  context: Lifetime,
  args: readonly string[] = [],
  program?: Program,
): Promise<Redis> => new Redis(context, await freeRedisPort(), args, program).start()

/** Else it waits five seconds for more replicas before it sends the first one anything. */
const sendAtOnce = (primary: Redis): Promise<string> =>
  primary.cli('CONFIG', 'SET', 'repl-diskless-sync-delay', '0')

/** Starts one that copies another, and waits until it has all of it. */
export async function startReplica(
  context: Lifetime,
  primary: Redis,
  args: readonly string[] = [],
  program?: Program,
): Promise<Redis> {
  await sendAtOnce(primary)
  const replica = await startRedis(context, ['--replicaof', `127.0.0.1 ${primary.port}`, ...args], program)
  await eventually('the replica to be in step', async () =>
    (await replica.cli('INFO', 'replication')).includes('master_link_status:up'),
  )
  return replica
}

/** What the sentinels of tests know their primary as. */
const primaryName = 'mymaster'

/** How long a primary may be silent, in milliseconds: on a busy machine a living one is at times. */
const silenceMs = 2_000

/** A primary, its replicas, and three sentinels that make one of these the primary when it is gone. */
export class Watched {
  readonly nodes: readonly Redis[]
  readonly sentinels: readonly Redis[]

  constructor(nodes: readonly Redis[], sentinels: readonly Redis[]) {
    this.nodes = nodes
    this.sentinels = sentinels
  }

  get url(): string {
    const hosts = this.sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')
    return `redis+sentinel://${hosts}/${primaryName}/0`
  }

  /** Whom the first sentinel names. */
  async primary(): Promise<Redis | undefined> {
    const said = await this.sentinels[0]?.cli('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', primaryName)
    return this.nodes.find(({ port }) => said?.includes(String(port)))
  }
}

/**
 * Starts them, and waits until the sentinels know the replicas and each other.
 * @param args of the primary and its replicas
 */
export async function startWatched(
  context: Lifetime,
  replicas: number,
  args: readonly string[] = [],
): Promise<Watched> {
  const primary = await startRedis(context, args)
  const start = () => startReplica(context, primary, args)
  const nodes = [primary, ...(await Promise.all(Array.from({ length: replicas }, start)))]
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(context, primary)))
  await eventually('the sentinels to know all', async () => {
    const known = await Promise.all(
      sentinels.map((sentinel) => sentinel.cli('SENTINEL', 'MASTER', primaryName)),
    )
    return known.every(
      (fields) => fields.includes(`num-slaves\n${replicas}\n`) && fields.includes('num-other-sentinels\n2\n'),
    )
  })
  return new Watched(nodes, sentinels)
}

/** A sentinel writes into its configuration, so it has a file of its own. */
async function startSentinel(context: Lifetime, primary: Redis): Promise<Redis> {
  const file = join(temporaryFolder(context), 'sentinel.conf')
  const settings = [
    `monitor ${primaryName} 127.0.0.1 ${primary.port} 2`,
    `down-after-milliseconds ${primaryName} ${silenceMs}`,
    `failover-timeout ${primaryName} 10000`,
  ]
  writeFileSync(file, settings.map((setting) => `sentinel ${setting}\n`).join(''))
  return startRedis(context, [file, '--sentinel'])
}

/** Several that share the keys, each on 127.0.0.1, and perhaps replicas of the first. */
export class RedisCluster {
  readonly nodes: readonly Redis[]
  readonly replicas: readonly Redis[]

  constructor(nodes: readonly Redis[], replicas: readonly Redis[]) {
    this.nodes = nodes
    this.replicas = replicas
  }

  /** Of one node, which knows the others. */
  get url(): string {
    return this.nodes[0]?.url ?? ''
  }

  /** Waits until each of them says so. */
  async whole(nodes: readonly Redis[]): Promise<void> {
    await eventually('the Redis Cluster to be whole', async () => {
      const infos = await Promise.all(nodes.map((node) => node.cli('CLUSTER', 'INFO')))
      return infos.every((info) => info.includes('cluster_state:ok'))
    })
  }

  /** Runs redis-cli on every node: what each prints. */
  cli(...args: string[]): Promise<string[]> {
    return Promise.all(this.nodes.map((node) => node.cli(...args)))
  }
}

/**
 * Starts a cluster of three nodes, and waits until each of them says that it is whole.
 * @param args as redis-server takes them
 * @param replicas how many the first node has
 */
export async function startRedisCluster(
  context: Lifetime,
  args: readonly string[] = [],
  { replicas = 0, program }: { replicas?: number; program?: Program } = {},
): Promise<RedisCluster> {
  const start = () => startRedis(context, ['--cluster-enabled', 'yes', ...args], program)
  const nodes = [await start(), await start(), await start()]
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
  await clusterCli('create', ...addresses, '--cluster-yes')
  const others = await Promise.all(Array.from({ length: replicas }, start))
  const cluster = new RedisCluster(nodes, others)
  await cluster.whole(nodes)
  for (const replica of others) await addReplica(cluster, replica)
  await cluster.whole([...nodes, ...others])
  return cluster
}

async function clusterCli(...args: string[]): Promise<void> {
  const { code, output, errors } = await command('redis-cli', ['--cluster', ...args])
  if (code !== 0) throw new Error(output + errors)
}

/** Has it copy the first node, and waits until it has all of it. */
async function addReplica(cluster: RedisCluster, replica: Redis): Promise<void> {
  const [first] = cluster.nodes
  if (!first) return
  await sendAtOnce(first)
  await replica.cli('CLUSTER', 'MEET', '127.0.0.1', String(first.port))
  const id = await first.cli('CLUSTER', 'MYID')
  // It may not have heard of that node yet.
  await eventually(
    'the replica to be one',
    async () => (await replica.cli('CLUSTER', 'REPLICATE', id)) === 'OK',
  )
  await eventually('the replica to be in step', async () =>
    (await replica.cli('INFO', 'replication')).includes('master_link_status:up'),
  )
}
