/** What a chain of kuards answers. */
import assert from 'node:assert/strict'
import * as Value from 'typebox/value'
import * as Type from 'typebox'
import { ChainAnswer, chainSchemas, type ChainCall } from '../../server/features/chain/wire.ts'
import type { Kuard } from './kuard.ts'

/** Asks for the tree. */
export async function chainOf(
  kuard: Kuard,
  headers: Readonly<Record<string, string>> = {},
): Promise<ChainAnswer> {
  const answer = await kuard.get('/chain', headers)
  assert.equal(answer.status, 200, answer.text)
  const tree = answer.json(Type.Unknown())
  Value.Assert(chainSchemas, ChainAnswer, tree)
  return tree
}

/** Each call of a tree, and how many it lies within, in the order of a walk from its root. */
export const callsIn = ({ calls }: ChainAnswer, depth = 1): { depth: number; call: ChainCall }[] =>
  calls.flatMap((call) => [{ depth, call }, ...(call.answer ? callsIn(call.answer, depth + 1) : [])])
