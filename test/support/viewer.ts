/** The page of the pod viewer, opened before a chapter and closed after it as its reader does. */
import type { TestContext } from 'node:test'
import {
  closeViewer,
  letViewerSee,
  openViewer,
  viewerFile,
  viewerPort,
} from '../../server/features/manifests/commands.ts'
import type { Outcome } from './command.ts'
import { comesTrue } from './comes-true.ts'
import type { Desk } from './desk.ts'
import type { Terminal } from './terminal.ts'

/** As seen from a chapter's folder. */
const file = `../${viewerFile}`
const limit = 240
/** What curl ends with then. */
const timedOut = 28

/** Labs beside those that ship: their texts by the names of their files. */
export type OwnLabs = Readonly<Record<string, string>>

/** Of the viewer, by kind and name as kubectl prints them. */
const itsOwn = [
  'pod/viewer',
  'role.rbac.authorization.k8s.io/kuard-cluster-view',
  'rolebinding.rbac.authorization.k8s.io/kuard-cluster-view',
]

export class Viewer {
  readonly #desk: Desk
  readonly #staying: Terminal
  /** Whether it has labs that don't ship. */
  readonly #hasOwnLabs: boolean

  private constructor(desk: Desk, staying: Terminal, hasOwnLabs: boolean) {
    this.#desk = desk
    this.#staying = staying
    this.#hasOwnLabs = hasOwnLabs
  }

  /** Whether a chapter's page is to be had there. */
  static isAt = (url: string): boolean => new URL(url).port === String(viewerPort)

  /** @throws Error with the command that came out otherwise, and how */
  static async open(context: TestContext, desk: Desk, labs?: OwnLabs): Promise<Viewer> {
    const terminal = await desk.terminal(context)
    if (labs) await terminal.succeeds(bringLabs(desk, labs), limit)
    for (const command of openViewer(file).slice(0, -1)) await terminal.succeeds(command, limit)
    const viewer = new Viewer(desk, await desk.terminal(context), labs !== undefined)
    await viewer.stays()
    await comesTrue('the viewer to hand out what lets it see', limit, async () => {
      await viewer.stays()
      terminal.paste(letViewerSee)
      return { is: (await terminal.ended(limit)) === 0, seen: terminal.output }
    })
    desk.keep(labs ? [...itsOwn, 'configmap/labs'] : itsOwn)
    return viewer
  }

  /** Starts its port-forward again where it has ended: whoever sees that does so. */
  async stays(): Promise<void> {
    if (this.#staying.output !== '' && this.#staying.code === undefined) return
    this.#staying.paste(openViewer(file).at(-1) ?? '')
    await this.#staying.printed(/\S/, limit)
  }

  /** What it answers to a GET, and what curl has to say where it doesn't. @param path without its first slash */
  async ask(path: string): Promise<Outcome> {
    await this.stays()
    const url = `http://localhost:${String(viewerPort)}/${path}`
    const answer = await this.#desk.run('curl', '-sS', '--max-time', '30', url)
    // Where its connection to the cluster was lost, a port-forward goes on and leads nowhere.
    if (answer.code === timedOut) await this.#staying.interrupt()
    return answer
  }

  async close(context: TestContext): Promise<void> {
    await this.stays()
    const terminal = await this.#desk.terminal(context)
    const labs = this.#hasOwnLabs ? ['kubectl delete configmap labs'] : []
    for (const command of [...closeViewer(file), ...labs]) await terminal.succeeds(command, limit)
    await this.#desk.keepsNothing()
  }
}

/** The command that makes labs the viewer's, as docs/labs.md has it. */
function bringLabs(desk: Desk, labs: OwnLabs): string {
  const files = Object.entries(labs).map(([name, text]) => `--from-file=${desk.write(name, text)}`)
  return ['kubectl create configmap labs', ...files].join(' ')
}
