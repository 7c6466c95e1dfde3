/** A tree of calls as rows, each with its place in the time that all of it took. */
import type { ChainAnswer, ChainCall } from '../../../../server/features/chain/wire.ts'
import type { Took } from '../../lib/waterfall.ts'

/** A call, or the request that all of them came of. Times are in milliseconds. */
export interface Row extends Took {
  /** In the order of a walk from the root, which is 0. */
  readonly id: number
  /** How many calls it lies within. */
  readonly depth: number
  /** The pod that answered, or where none did the host and port that was asked. */
  readonly who: string
  /** Undefined for the root: that was asked by this page. */
  readonly call: ChainCall | undefined
  /** Null where it was not a kuard that answered. */
  readonly answer: ChainAnswer | null
}

export function rowsOf(tree: ChainAnswer): Row[] {
  const root = {
    depth: 0,
    who: tree.pod,
    at: 0,
    milliseconds: tree.milliseconds,
    call: undefined,
    answer: tree,
  }
  return [root, ...below(tree, 0, 1)].map((row, id) => ({ ...row, id }))
}

/** @param began when the answer did that they lie in */
function below({ calls }: ChainAnswer, began: number, depth: number): Omit<Row, 'id'>[] {
  return calls.flatMap((call) => {
    const { url, milliseconds, answer } = call
    const at = began + call.at
    const row = { depth, who: answer?.pod ?? new URL(url).host, at, milliseconds, call, answer }
    // Clocks differ, so nobody knows how much of the way was there and how much back.
    return answer ? [row, ...below(answer, at + (milliseconds - answer.milliseconds) / 2, depth + 1)] : [row]
  })
}

/** How much of an answer's time none of its own calls took, in milliseconds: it was the pod itself, or a fault of it. */
export function ownTime({ milliseconds, calls }: ChainAnswer): number {
  let [own, end] = [milliseconds, 0]
  for (const { at, milliseconds: took } of calls.toSorted((one, other) => one.at - other.at)) {
    own -= Math.max(0, at + took - Math.max(at, end))
    end = Math.max(end, at + took)
  }
  return Math.max(0, own)
}

/** How many calls a tree has. */
export const countCalls = ({ calls }: ChainAnswer): number =>
  calls.reduce((sum, { answer }) => sum + 1 + (answer ? countCalls(answer) : 0), 0)
