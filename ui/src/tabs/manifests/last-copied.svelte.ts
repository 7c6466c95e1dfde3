/** The step whose command was copied last, to go on from there; this browser remembers it. */

const key = 'kuard-step'

/** Which concept, and the number of the step in it. */
export interface Copied {
  readonly concept: string
  readonly step: number
}

class LastCopied {
  #at = $state.raw(remembered())

  get at(): Copied | undefined {
    return this.#at
  }

  note(concept: string, step: number): void {
    this.#at = { concept, step }
    try {
      localStorage.setItem(key, `${concept} ${String(step)}`)
    } catch {
      // Where a browser keeps nothing, it lasts as long as the page.
    }
  }
}

function remembered(): Copied | undefined {
  try {
    const [, concept, step] = /^(\S+) (\d+)$/.exec(localStorage.getItem(key) ?? '') ?? []
    return concept === undefined ? undefined : { concept, step: Number(step) }
  } catch {
    return undefined
  }
}

export const lastCopied = new LastCopied()
