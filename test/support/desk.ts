/** Where a reader works: a checkout, a kubectl set to one namespace, a network in which every port is free, and what is there before the work. */
import assert from 'node:assert/strict'
import { cpSync, globSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { TestContext } from 'node:test'
import { viewerFile } from '../../server/features/manifests/commands.ts'
import { kubectl, makeNamespace, manifest } from './cluster.ts'
import { command, type Outcome } from './command.ts'
import { comesTrue, messageOf } from './comes-true.ts'
import { copySources, Docker } from './docker.ts'
import { temporaryFolder } from './folder.ts'
import { Inventory, type Kind } from './inventory.ts'
import { OwnLoopback } from './own-loopback.ts'
import { Terminal, type Place, type ShellName } from './terminal.ts'

/** How long what was deleted may take to be gone, in seconds. */
const deletionLimit = 90

/** Whether a reader's commands need the machine's own network, as those of Docker do, which is there then. */
export type Network = 'own loopback' | 'machine'

/** A checkout with all manifests, or nothing but the file of the viewer: all else is to be had from its page. */
export type Files = 'checkout' | 'viewer'

/** How a desk is to be. */
export interface DeskOptions {
  readonly shell: ShellName
  readonly network: Network
  readonly files: Files
}

/** What one reader has. */
export class Desk {
  readonly #place: Place
  readonly #namespace: string
  readonly #inventory: Inventory
  readonly #docker: Docker | undefined
  /** In the folder before anything was done. */
  readonly #files: string[]
  /** What stays in the namespace from one concept to the next, by kind and name as kubectl prints them. */
  #kept: readonly string[] = []

  private constructor(place: Place, namespace: string, inventory: Inventory, docker: Docker | undefined) {
    this.#place = place
    this.#docker = docker
    this.#namespace = namespace
    this.#inventory = inventory
    this.#files = filesIn(place.folder)
  }

  /** Makes one that goes with its test. @param folder where its terminals begin, beside those of the chapters; or one of these, as `05-pods` */
  static async for(
    context: TestContext,
    folder: string,
    { shell, network, files }: DeskOptions,
  ): Promise<Desk> {
    // As a reader's is: nothing is refused in it but by what a concept applies.
    const { name } = await makeNamespace(context, 'privileged')
    const home = temporaryFolder(context)
    const path = files === 'checkout' ? '' : viewerFile
    cpSync(manifest(path), join(home, 'manifests', path), { recursive: true })
    mkdirSync(join(home, 'manifests', folder), { recursive: true })
    const kubeconfig = join(home, 'kubeconfig')
    const under = await connectTo(context, kubeconfig, name, network)
    const docker = network === 'machine' ? await Docker.in(context, join(home, 'docker')) : undefined
    if (docker) copySources(home)
    const programs = [...(docker ? [docker.bin] : []), process.env.PATH].join(delimiter)
    const env = { ...process.env, PATH: programs, HOME: home, KUBECONFIG: kubeconfig }
    const place = { shell, folder: join(home, 'manifests', folder), env, under }
    return new Desk(place, name, await Inventory.of(context, name), docker)
  }

  get namespace(): string {
    return this.#namespace
  }

  /** Puts a file beside the folders of the chapters. @returns its name for a terminal */
  write(name: string, text: string): string {
    writeFileSync(join(this.#place.folder, '..', name), text)
    return `../${name}`
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
    const { kinds: all } = this.#inventory
    const left = async (kinds: readonly Kind[]) => {
      const items = await this.#inventory.items(kinds)
      return items.filter(({ name }) => !this.#stays(name) && isMeant(name))
    }
    let kinds = all
    await comesTrue('nothing to be left', deletionLimit, async () => {
      try {
        let items = await left(kinds)
        // What is gone may have left what it owned.
        if (items.length === 0 && kinds !== all) items = await left(all)
        kinds = items.length > 0 ? [...new Set(items.map(({ kind }) => kind))] : all
        return { is: items.length === 0, seen: items.map(({ name }) => name).join('\n') }
      } catch (error) {
        return { is: false, seen: messageOf(error) }
      }
    })
  }

  #stays = (name: string): boolean => ownOfNamespace.test(name) || this.#kept.includes(name)
}

/** What each namespace has. */
const ownOfNamespace = /^(serviceaccount\/default|configmap\/kube-root-ca\.crt)$/

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
