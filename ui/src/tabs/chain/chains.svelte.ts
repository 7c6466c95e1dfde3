/** The trees of calls that this page asked for. */
import type { ChainAnswer } from '../../../../server/features/chain/wire.ts'
import { readChain } from '../../lib/api.ts'
import { KeptAnswers, type KeptAnswer } from '../../lib/kept-answers.svelte.ts'

export type KeptChain = KeptAnswer<ChainAnswer>

export const chains = new KeptAnswers(readChain)
