/** Ends what a test has started in the reverse order, so that a page is closed before the server that it is of. */
import { after } from 'node:test'

/** A test, or what else can tell that it has ended: `{ after }` of node:test is a file. */
export interface Lifetime {
  after(end: () => Promise<void>): void
}

const endings = new WeakMap<Lifetime, (() => unknown)[]>()

/** Calls a function when the test has ended; each is called, and the first error of them fails the test. */
export function atEnd(context: Lifetime, end: () => unknown): void {
  const known = endings.get(context)
  if (known) {
    known.push(end)
    return
  }
  const ends = [end]
  endings.set(context, ends)
  context.after(async () => {
    const errors: unknown[] = []
    for (const one of ends.toReversed()) await Promise.try(one).catch((error: unknown) => errors.push(error))
    if (errors.length > 0) throw errors[0]
  })
}

/** The lifetime of the file or suite that calls this, for what the first of its tests starts for all of them. */
export function wholeLifetime(): Lifetime {
  const ends: (() => Promise<void>)[] = []
  after(async () => {
    for (const end of ends) await end()
  })
  return { after: (end) => void ends.push(end) }
}
