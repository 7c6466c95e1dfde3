/** What a lab has to be done at a terminal, as it is pasted: for this very host, prefix and namespace. */
import { Image } from '../../../../server/features/manifests/image.ts'
import type { Lab, LabCommand, LabStep } from '../../../../server/features/labs/wire.ts'
import { chosenImage } from '../../lib/chosen-image.svelte.ts'
import { applyAll, deleteAll, fetchCommand, pathsToFetch, type Basis } from '../../lib/manifest-commands.ts'

/** Files that a terminal has to have. */
export interface Fetched {
  /** The chapter's, for which the commands are. */
  readonly folder: string
  readonly command: string
}

/** What a step has to be done, in its order. */
export interface StepCommands {
  /** Before anything else; what an earlier step has fetched is there already. */
  readonly fetched: readonly Fetched[]
  readonly commands: readonly { readonly of: LabCommand; readonly text: string }[]
}

/** @returns those of each step */
export function commandsOf({ steps }: Lab): readonly StepCommands[] {
  const known = new Set<string>()
  return steps.map(({ commands }) => ({
    fetched: fetchedBy(commands, known),
    commands: commands.map((command) => ({ of: command, text: textOf(command) })),
  }))
}

const basisOf = (folder: string): Basis => ({ folder, image: chosenImage.used })

/** A command as it is pasted, with the image that was chosen. */
export const withItsImage = (command: string): string =>
  chosenImage.used === '' ? command : new Image(chosenImage.used).inCommand(command)

function textOf({ kind, folder, paths, run }: LabCommand): string {
  if (kind === 'run') return withItsImage(run)
  return (kind === 'apply' ? applyAll : deleteAll)(paths, basisOf(folder))
}

/** @param known folders with what is fetched into them, to which this adds */
function fetchedBy(commands: LabStep['commands'], known: Set<string>): Fetched[] {
  const byFolder = Map.groupBy(commands, ({ folder }) => folder)
  return [...byFolder].flatMap(([folder, its]) => {
    const paths = (kind: LabCommand['kind']) =>
      its.filter((command) => command.kind === kind).flatMap((command) => command.paths)
    const wanted = pathsToFetch({
      apply: paths('apply'),
      fetch: paths('run'),
      cleanup: { run: [], delete: paths('delete') },
    })
    const fresh = [...new Set(wanted)].filter((path) => !known.has(`${folder} ${path}`))
    for (const path of fresh) known.add(`${folder} ${path}`)
    return fresh.length === 0 ? [] : [{ folder, command: fetchCommand(fresh, basisOf(folder)) }]
  })
}

/** Where a forward leads to: the port at this end, and the pod's where that is another. */
const forwarded = /\bport-forward\b.*?\s(\d{2,5})(?::(\d{2,5}))?(?=\s|$)/

/**
 * The page of a lab's own pod, with its final slash: what isn't of the cluster is to be seen there.
 * @param number of the step, from 1
 * @returns where the last port-forward up to that step has it; undefined where there was none
 */
export function ownPageAt({ steps }: Lab, number: number): string | undefined {
  const runs = steps.slice(0, number).flatMap(({ commands }) => commands.map(({ run }) => run))
  const [, local, remote = local] = runs.findLast((run) => forwarded.test(run))?.match(forwarded) ?? []
  if (local === undefined) return undefined
  return `${remote === '8443' ? 'https' : 'http'}://localhost:${local}/`
}
