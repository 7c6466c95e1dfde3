/** Where labs are in the page: the list, a lab, a lab at a step, and that step as it is presented. */

export const listPath = '-/labs'

/** What an address leads to; without an id the list. */
export interface Place {
  readonly id?: string
  /** From 1; left out where the address doesn't say. */
  readonly step?: number
  readonly isPresented: boolean
}

/** @param step left out for the first one that isn't done */
export function labPath(id: string, step?: number): string {
  const lab = `${listPath}/${encodeURIComponent(id)}`
  return step === undefined ? lab : `${lab}/${String(step)}`
}

export const presentedPath = (id: string, step: number): string => `${labPath(id, step)}/present`

/** @param path below the root, percent-encoded; undefined where it leads nowhere */
export function placeAt(path: string): Place | undefined {
  if (path === listPath) return { isPresented: false }
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
