/** The requests that this page sent to be described. */
import type { RequestDetails } from '../../../../server/features/request/wire.ts'
import { readRequest } from '../../lib/api.ts'
import { KeptAnswers, type KeptAnswer } from '../../lib/kept-answers.svelte.ts'

/** A request, and its description by who answered it. */
export type SentRequest = KeptAnswer<RequestDetails>

export const sentRequests = new KeptAnswers(readRequest)
