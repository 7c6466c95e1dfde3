/** The page of the pod viewer, opened before a chapter and closed after it as its reader does. */
import type { TestContext } from 'node:test'
import {
  closeViewer,
  letViewerSee,
  openViewer,
  viewerFile,
  viewerPort,
} from '../../server/features/manifests/commands.ts'
import { comesTrue } from './comes-true.ts'
import type { Desk } from './desk.ts'
import type { Terminal } from './terminal.ts'

/** As seen from a chapter's folder. */
const file = `../${viewerFile}`
const limit = 240

/** Of the viewer, by kind and name as kubectl prints them. */
const itsOwn = [
  'pod/viewer',
  'role.rbac.authorization.k8s.io/kuard-cluster-view',
  'rolebinding.rbac.authorization.k8s.io/kuard-cluster-view',
]

export class Viewer {
  readonly #desk: Desk
  readonly #staying: Terminal

  private constructor(desk: Desk, staying: Terminal) {
    this.#desk = desk
    this.#staying = staying
  }

  /** Whether a chapter's page is to be had there. */
  static isAt = (url: string): boolean => new URL(url).port === String(viewerPort)

  /** @throws Error with the command that came out otherwise, and how */
  static async open(context: TestContext, desk: Desk): Promise<Viewer> {
    const terminal = await desk.terminal(context)
    for (const command of openViewer(file).slice(0, -1)) await terminal.succeeds(command, limit)
    const viewer = new Viewer(desk, await desk.terminal(context))
    await viewer.stays()
    await comesTrue('the viewer to hand out what lets it see', limit, async () => {
      await viewer.stays()
      terminal.paste(letViewerSee)
      return { is: (await terminal.ended(limit)) === 0, seen: terminal.output }
    })
    desk.keep(itsOwn)
    return viewer
  }

  /** Starts its port-forward again where it has ended: whoever sees that does so. */
  async stays(): Promise<void> {
    if (this.#staying.output !== '' && this.#staying.code === undefined) return
    this.#staying.paste(openViewer(file).at(-1) ?? '')
    await this.#staying.printed(/\S/, limit)
  }

  async close(context: TestContext): Promise<void> {
    await this.stays()
    const terminal = await this.#desk.terminal(context)
    for (const command of closeViewer(file)) await terminal.succeeds(command, limit)
    await this.#desk.keepsNothing()
  }
}
