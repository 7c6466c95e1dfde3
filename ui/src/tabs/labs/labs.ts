/** The labs as the server has them, kept while the page lives: whoever comes back from another tab still sees them. */
import type { Lab, LabList } from '../../../../server/features/labs/wire.ts'
import { Action } from '../../lib/action.svelte.ts'
import { listLabs, readLab } from './calls.ts'
import { progress } from './progress.svelte.ts'

/** All that there are. */
export const listing = new Action<LabList>()

export const list = (): Promise<unknown> =>
  listing.run(async () => {
    const answer = await listLabs()
    // Before anything of it is shown: what is done decides what is open.
    progress.follow(answer.value.place)
    return answer
  })

const readings = new Map<string, Action<Lab>>()

/** The reading of one of them. */
export function readingOf(id: string): Action<Lab> {
  const reading = readings.get(id) ?? new Action<Lab>()
  readings.set(id, reading)
  return reading
}

export const read = (id: string): Promise<unknown> => readingOf(id).run(() => readLab(id))
