/** One call of an upstream, and what its caller makes of the answer. */
import { STATUS_CODES } from 'node:http'
import * as Value from 'typebox/value'
import { placeOf } from '../../client/address.ts'
import { request, type Answer, type Question } from '../../client/request.ts'
import { printable } from '../../text/printable.ts'
import { beginHttpClientSpan, endHttpClientSpan } from '../../tracing/http-conventions.ts'
import type { Span, Tracing } from '../../tracing/tracing.ts'
import { maxHops } from './limits.ts'
import { ChainAnswer, chainSchemas, type ChainCall } from './wire.ts'

/** How much is told of what an upstream says by itself, in characters. */
const maxWords = 200

/** What a call is a part of. */
export interface CallContext {
  /** When the request came that it is made for, as performance.now() has it. */
  readonly began: number
  readonly parent: Span | undefined
  readonly tracing: Tracing | undefined
}

/** Asks an upstream. Never fails: what came of it is told. */
export async function callUpstream(
  url: URL,
  question: Question,
  { began, parent, tracing }: CallContext,
): Promise<ChainCall> {
  const span =
    tracing && beginHttpClientSpan(tracing, { method: 'GET', ...placeOf(url), url: url.href }, parent)
  const headers = { accept: 'application/json', 'user-agent': 'kuard-chain', ...question.headers }
  const asked = performance.now()
  const came = await request(url, { ...question, headers: { ...headers, ...span?.carrier } }).catch(asError)
  const milliseconds = performance.now() - asked
  const outcome = came instanceof Error ? failureOf(came) : outcomeOf(came)
  if (span) endHttpClientSpan(span, outcome.status ?? 0, came instanceof Error ? codeOf(came) : undefined)
  return { url: url.href, at: asked - began, milliseconds, ...outcome }
}

/** What `request` rejects with. */
const asError = (error: unknown) => error as Error

/** Why there was no answer, in a word. */
const codeOf = (error: Error): string => ((error.cause ?? error) as NodeJS.ErrnoException).code ?? error.name

/** What came of a call. */
type Outcome = Omit<ChainCall, 'url' | 'at' | 'milliseconds'>

function outcomeOf(came: Answer): Outcome {
  const { status, headers, body, isCut } = came
  const isFailure = status < 200 || status >= 400
  return {
    status,
    bytes: body.length,
    bodyIsCut: isCut,
    error: isFailure ? wordsOf(came) : null,
    fault: headers['x-fault'] === undefined ? null : String(headers['x-fault']).slice(0, maxWords),
    answer: status === 200 && !isCut ? chainIn(came) : null,
  }
}

const failureOf = ({ message }: Error): Outcome => ({
  status: null,
  bytes: 0,
  bodyIsCut: false,
  error: message,
  fault: null,
  answer: null,
})

/** Its status, and the first line of what it says to that as plain text. */
function wordsOf({ status, headers, body }: Answer): string {
  const isText = headers['content-type']?.startsWith('text/plain') === true
  const [line = ''] = isText ? body.toString().trim().split('\n', 1) : []
  const answered = `it answered ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
  return line === '' ? answered : `${answered}: ${printable(line.slice(0, maxWords))}`
}

function chainIn({ headers, body }: Answer): ChainAnswer | null {
  if (headers['content-type'] !== 'application/json') return null
  try {
    const value: unknown = JSON.parse(body.toString())
    return Value.Check(chainSchemas, ChainAnswer, value) && isWithin(value, maxHops) ? value : null
  } catch {
    // No JSON, or nested so deep that it can't be checked.
    return null
  }
}

const isWithin = ({ calls }: ChainAnswer, levels: number): boolean =>
  levels >= 0 && calls.every(({ answer }) => answer === null || isWithin(answer, levels - 1))
