/** Faults as a client orders, sees and ends them. */
import { FaultsState, type Fault } from '../../server/features/faults/wire.ts'
import { eventually } from './eventually.ts'
import type { Kuard } from './kuard.ts'

/** Those that are on, and the last that have ended. */
export const faultsOf = async (kuard: Kuard): Promise<FaultsState> =>
  (await kuard.get('/faults')).json(FaultsState)

/** The fault of this kind; undefined when it isn't on. */
export const faultOf = async (kuard: Kuard, kind: string): Promise<Fault | undefined> =>
  (await faultsOf(kuard)).faults.find((fault) => fault.kind === kind)

/**
 * Begins a fault.
 * @throws Error with what was answered when it is refused
 */
export async function beginFault(kuard: Kuard, kind: string, order: object): Promise<void> {
  const { status, text } = await kuard.put(`/faults/${kind}`, order)
  if (status !== 200) throw new Error(`${status} ${text}`)
}

/** Takes a fault back. */
export const endFault = (kuard: Kuard, kind: string): Promise<unknown> =>
  kuard.ask('DELETE', `/faults/${kind}`)

/** Resolves when a fault of this kind has ended for this reason. */
export const faultEnded = (kuard: Kuard, kind: string, why: string): Promise<unknown> =>
  eventually(`the fault ${kind} to end (${why})`, async () =>
    (await faultsOf(kuard)).ended.some((one) => one.kind === kind && one.why === why),
  )
