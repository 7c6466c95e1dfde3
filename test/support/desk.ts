/** Where a reader works: a checkout, a kubectl set to one namespace, a network in which every port is free, and what is there before the work. */
import assert from 'node:assert/strict'
import { cpSync, globSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { TestContext } from 'node:test'
import { kubectl, makeNamespace, manifest, tryKubectl } from './cluster.ts'
import { command, type Outcome } from './command.ts'
import { comesTrue } from './comes-true.ts'
import { copySources, Docker } from './docker.ts'
import { eventually } from './eventually.ts'
import { temporaryFolder } from './folder.ts'
import { OwnLoopback } from './own-loopback.ts'
import { Terminal, type Place, type ShellName } from './terminal.ts'

/** How long what was deleted may take to be gone, in seconds. */
const deletionLimit = 90

/** Whether a reader's commands need the machine's own network, as those of Docker do, which is there then. */
export type Network = 'own loopback' | 'machine'

/** What one reader has. */
export class Desk {
  readonly #place: Place
  readonly #namespace: string
  /** Everything that a namespace can hold, as kubectl takes it. */
  readonly #kinds: string
  readonly #docker: Docker | undefined
  /** In the chapter's folder before anything was done. */
  readonly #files: string[]
  /** What stays in the namespace from one concept to the next, by kind and name as kubectl prints them. */
  #kept: readonly string[] = []

  private constructor(place: Place, namespace: string, kinds: string, docker: Docker | undefined) {
    this.#place = place
    this.#docker = docker
    this.#namespace = namespace
    this.#kinds = kinds
    this.#files = filesIn(place.folder)
  }

  /** Makes one that goes with its test. @param chapter its folder, as `05-pods` */
  static async for(
    context: TestContext,
    chapter: string,
    { shell, network }: { readonly shell: ShellName; readonly network: Network },
  ): Promise<Desk> {
    // As a reader's is: nothing is refused in it but by what a concept applies.
    const { name } = await makeNamespace(context, 'privileged')
    const home = temporaryFolder(context)
    cpSync(manifest(''), join(home, 'manifests'), { recursive: true })
    const kubeconfig = join(home, 'kubeconfig')
    const under = await connectTo(context, kubeconfig, name, network)
    const docker = network === 'machine' ? await Docker.in(context, join(home, 'docker')) : undefined
    if (docker) copySources(home)
    const path = [...(docker ? [docker.bin] : []), process.env.PATH].join(delimiter)
    const env = { ...process.env, PATH: path, HOME: home, KUBECONFIG: kubeconfig }
    const place = { shell, folder: join(home, 'manifests', chapter), env, under }
    return new Desk(place, name, await kindsOfObjects(), docker)
  }

  terminal(context: TestContext): Promise<Terminal> {
    return Terminal.open(context, this.#place)
  }

  /** Runs a program as from one of the terminals, without the shell. */
  run(...line: string[]): Promise<Outcome> {
    const { under, env } = this.#place
    const [program = '', ...args] = [...under, 'env', `KUBECONFIG=${env.KUBECONFIG ?? ''}`, ...line]
    return command(program, args)
  }

  /** @param names of what is no concept's to clean up, such as `pod/viewer` */
  keep(names: readonly string[]): void {
    this.#kept = names
  }

  /** Waits until what was kept is gone. @throws Error where some of it stays */
  async keepsNothing(): Promise<void> {
    const names = this.#kept
    this.#kept = []
    await this.#isGone((name) => names.includes(name))
  }

  /** @throws Error where an object, a file, a container or an image is left, or where kubectl's namespace is another */
  async isTidy(): Promise<void> {
    await this.#isGone(() => true)
    assert.deepEqual(filesIn(this.#place.folder), this.#files)
    assert.deepEqual((await this.#docker?.left()) ?? [], [])
    const { output } = await this.run(
      'kubectl',
      'config',
      'view',
      '--minify',
      '--output=jsonpath={..namespace}',
    )
    assert.equal(output, this.#namespace, 'the namespace of kubectl’s current context')
  }

  /** @param isMeant by kind and name, of what there is in the namespace and doesn't stay */
  async #isGone(isMeant: (name: string) => boolean): Promise<void> {
    await comesTrue('nothing to be left', deletionLimit, async () => {
      const namespace = `--namespace=${this.#namespace}`
      const kinds = ['get', this.#kinds, namespace, '--output=name', '--ignore-not-found']
      const { code, output, errors } = await tryKubectl(kinds)
      const stays = (name: string) => name === '' || ownOfNamespace.test(name) || this.#kept.includes(name)
      const left = output.split('\n').filter((name) => !stays(name) && isMeant(name))
      return { is: code === 0 && left.length === 0, seen: errors + left.join('\n') }
    })
  }
}

/** What comes and goes by itself. */
const transient = /^(events|endpoints|pods\.metrics)\b/
/** The groups of Kubernetes' own kinds; one of a chapter's own goes with its definition, which may be there while another chapter begins. */
const ownOfKubernetes = /^[^.]+(\.[^.]+)?$|\.k8s\.io$/
/** What each namespace has. */
const ownOfNamespace = /^(serviceaccount\/default|configmap\/kube-root-ca\.crt)$/

async function kindsOfObjects(): Promise<string> {
  // It fails while an API that another chapter has put in isn't there yet.
  const { output } = await eventually(
    'the API server to know all of its APIs',
    async () => {
      const known = await tryKubectl(['api-resources', '--namespaced', '--verbs=list', '--output=name'])
      return known.code === 0 && known
    },
    60_000,
    1000,
  )
  return output
    .split('\n')
    .filter((kind) => ownOfKubernetes.test(kind) && !transient.test(kind))
    .join(',')
}

const filesIn = (folder: string): string[] => globSync('**/*', { cwd: folder }).sort()

/** Gives kubectl a configuration of its own, for this namespace. @returns what commands are put under to reach the cluster */
async function connectTo(
  context: TestContext,
  kubeconfig: string,
  namespace: string,
  network: Network,
): Promise<string[]> {
  writeFileSync(kubeconfig, await kubectl(['config', 'view', '--minify', '--flatten']), { mode: 0o600 })
  const config = async (...args: string[]) => {
    const { code, output, errors } = await command('kubectl', [
      `--kubeconfig=${kubeconfig}`,
      'config',
      ...args,
    ])
    assert.equal(code, 0, errors)
    return output
  }
  await config('use-context', process.env.KUARD_TEST_CONTEXT ?? '')
  await config('set-context', '--current', `--namespace=${namespace}`)
  if (network === 'machine') return []
  const clusterAndServer = '{.clusters[0].name} {.clusters[0].cluster.server}'
  const [cluster = '', server = ''] = (
    await config('view', '--minify', `--output=jsonpath=${clusterAndServer}`)
  ).split(' ')
  const { hostname, port } = new URL(server)
  const apiPort = Number(port || 443)
  const inside = `https://127.0.0.1:${apiPort}`
  await config('set-cluster', cluster, `--server=${inside}`, `--tls-server-name=${hostname}`)
  const loopback = new OwnLoopback(context)
  await loopback.open(apiPort, hostname)
  return loopback.under
}
