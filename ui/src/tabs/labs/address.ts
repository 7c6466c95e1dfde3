/** Where labs are in the page: the list, a lab, a lab at a step, and that step as it is presented; each with the image that was chosen. */
import { withImage } from '../../lib/api.ts'
import { chosenImage } from '../../lib/chosen-image.svelte.ts'

const labs = '-/labs'

export const listPath = (): string => withImage(labs, chosenImage.wanted)

/** What an address leads to; without an id the list. */
export interface Place {
  readonly id?: string
  /** From 1; left out where the address doesn't say. */
  readonly step?: number
  readonly isPresented: boolean
}

/** @param step left out for the first one that isn't done */
export function labPath(id: string, step?: number): string {
  return withImage(stepPath(id, step), chosenImage.wanted)
}

export const presentedPath = (id: string, step: number): string =>
  withImage(`${stepPath(id, step)}/present`, chosenImage.wanted)

function stepPath(id: string, step?: number): string {
  const lab = `${labs}/${encodeURIComponent(id)}`
  return step === undefined ? lab : `${lab}/${String(step)}`
}

/** @param path below the root, percent-encoded; undefined where it leads nowhere */
export function placeAt(path: string): Place | undefined {
  if (path === labs) return { isPresented: false }
  const [, id, step, presented] = /^-\/labs\/([^/]+)(?:\/([1-9]\d{0,3})(\/present)?)?\/?$/.exec(path) ?? []
  if (id === undefined) return undefined
  return {
    id: decoded(id),
    ...(step === undefined ? {} : { step: Number(step) }),
    isPresented: presented !== undefined,
  }
}

/** As it is where it can't be decoded: no lab is called so. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
