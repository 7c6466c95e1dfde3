/** What the Pods view shows, as its address keeps it. */

export const arrangements = ['by node', 'by owner', 'as a table'] as const
export type Arrangement = (typeof arrangements)[number]

export interface Shown {
  readonly arrangement: Arrangement
  /** As it was typed. */
  readonly selector: string
  /** The name of the pod whose details are shown; empty for none. */
  readonly pod: string
}

/** @param query with its question mark */
export function shownIn(query: string): Shown {
  const parameters = new URLSearchParams(query)
  const as = parameters.get('as')
  return {
    arrangement: arrangements.find((one) => lastWord(one) === as) ?? 'by node',
    selector: parameters.get('selector') ?? '',
    pod: parameters.get('pod') ?? '',
  }
}

/** Below the root; without what goes without saying. */
export function addressOf({ arrangement, selector, pod }: Shown): string {
  const as = arrangement === 'by node' ? '' : lastWord(arrangement)
  const said = Object.entries({ as, selector, pod }).filter(([, value]) => value !== '')
  const query = new URLSearchParams(said).toString()
  return `-/cluster${query && `?${query}`}`
}

const lastWord = (words: string): string => words.split(' ').at(-1) ?? ''
