/** What both kinds of exports say alike: commands, the start of the pod viewer, and the question whether a step is done. */
import {
  applyCommand,
  deleteCommand,
  downloadCommand,
  letViewerSee,
  nameIn,
  openViewer,
  placeOf,
  viewerPort,
} from '../../server/features/manifests/commands.ts'
import { Image } from '../../server/features/manifests/image.ts'
import type { LabCommand, LabStep } from '../../server/features/labs/wire.ts'

const page = `http://localhost:${viewerPort}`

export class Writing {
  readonly #viewer: string
  readonly #image: Image | undefined
  readonly #query: string

  /**
   * @param viewer its manifest
   * @param image for kuard's own
   */
  constructor(viewer: string, image?: string) {
    this.#viewer = viewer
    this.#image = image === undefined ? undefined : new Image(image)
    this.#query = image === undefined ? '' : `?image=${encodeURIComponent(image)}`
  }

  /** A script for sh: starts the viewer, keeps its port forwarded, and lets it see. */
  get setup(): string {
    const [apply = '', wait = '', forward = ''] = openViewer('-')
    return [
      '# A cluster that has just begun has no service account yet, which each pod needs.',
      'until kubectl get serviceaccount default >/dev/null 2>&1; do sleep 1; done',
      `${apply} <<'END'\n${this.#image?.inManifest(this.#viewer) ?? this.#viewer}END`,
      wait,
      '# It ends whenever its connection does; and this machine’s ports are asked from elsewhere.',
      `nohup sh -c 'while :; do ${forward} --address=0.0.0.0; sleep 1; done' >/dev/null 2>&1 &`,
      `until curl -fsS ${page}/healthy >/dev/null 2>&1; do sleep 1; done`,
      letViewerSee,
    ].join('\n')
  }

  /** What is pasted for a command. */
  command({ kind, folder, paths, run }: LabCommand): string {
    const addresses = paths.map((path) => this.#word(`${page}/manifests/${path}${this.#query}`))
    if (kind === 'apply') return applyCommand(addresses)
    if (kind === 'delete') return deleteCommand(addresses)
    const command = this.inCommand(run)
    if (paths.length === 0) return command
    const here = `~/kuard/${folder}`
    const files = paths.map((path, index) => ({
      name: nameIn(folder, path),
      address: addresses[index] ?? '',
    }))
    return [`mkdir -p ${here} && cd ${here}`, downloadCommand(files), command].join('\n')
  }

  inCommand(command: string): string {
    return this.#image?.inCommand(command) ?? command
  }

  #word(address: string): string {
    return address.includes('?') ? `'${address}'` : address
  }
}

/** Prints how it stands with a step, as the viewer sees it. */
export const askViewer = (lab: string, step: number): string =>
  `kubectl exec viewer -- wget -qO- localhost:8080/labs/${lab}/steps/${step}`

/** Succeeds once the step is done. */
export const isDone = (lab: string, step: number): string =>
  `${askViewer(lab, step)} | grep -q '"state":"done"'`

/** What a learner has to know of a command before. */
export const wordsBefore = ({ stays, until }: LabCommand): string[] =>
  stays ? [`In a terminal of its own${until === null ? '' : `, until step ${until} is done`}:`] : []

/** And after. */
export const wordsAfter = ({ type, again, fails, kubectl }: LabCommand): string[] => [
  ...(type.length > 0 ? ['Then type into it:', `\`\`\`\n${type.join('\n')}\n\`\`\``] : []),
  ...(again ? ['Run it again until it shows what there is to see.'] : []),
  ...(fails ? ['It is refused, as it should be.'] : []),
  ...(kubectl === null ? [] : [`The terminal shows: ${kubectl}`]),
]

/** What of a step is to be seen in the viewer's page. */
export const sightsOf = ({ page: sights }: LabStep): string[] =>
  sights.map((sight) => `- **${placeOf(sight)}**: ${sight.see}`)

/** Paragraphs, lists and blocks, as Markdown parts them. */
export const paragraphs = (parts: readonly string[]): string =>
  `${parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n\n')}\n`
