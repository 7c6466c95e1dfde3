/** The trace that a message is sent in, as HTTP headers and MemQ's messages have it: https://www.w3.org/TR/trace-context/. */

import type { Span } from './tracing.ts'

/** What is kept of it with a message, and told with it. */
export interface TraceContext {
  /** `00-`, the trace's id, the id of the span that sent the message, and flags: 55 characters. */
  readonly traceparent: string
  /** What the tracing systems on its way have added. */
  readonly tracestate?: string
}

/** Of any version but `ff`, which is none; that of version 00 ends with its flags. */
const traceparentForm =
  /^(?!ff|00-.{53})[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-|$)/

/** What has to be handed on of a tracestate at least, in characters; a longer one is not kept. */
const longestState = 512
const mostMembers = 32
const memberForm =
  /^[a-z\d][-\w*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/** What may be one, whoever says it. */
interface Claimed {
  readonly traceparent?: unknown
  readonly tracestate?: unknown
}

/** @returns undefined where there is none, or one that is not valid */
export function traceContextIn({ traceparent, tracestate }: Claimed): TraceContext | undefined {
  if (typeof traceparent !== 'string' || !traceparentForm.test(traceparent)) return undefined
  // What later versions have behind that is theirs.
  const own = traceparent.startsWith('00') ? traceparent : `00-${traceparent.slice(3, 55)}`
  return isState(tracestate) ? { traceparent: own, tracestate } : { traceparent: own }
}

/** How a span is named to others: of version 00, by https://www.w3.org/TR/trace-context/#traceparent-header. */
export const traceparentOf = ({
  traceId,
  spanId,
  isSampled,
}: Pick<Span, 'traceId' | 'spanId' | 'isSampled'>): string =>
  `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`

/** Its trace's id: 32 hexadecimal digits. */
export const traceIdOf = ({ traceparent }: TraceContext): string => traceparent.slice(3, 35)

function isState(state: unknown): state is string {
  if (typeof state !== 'string' || state.length > longestState) return false
  const members = state.split(',').flatMap((member) => member.replace(/^[ \t]+|[ \t]+$/g, '') || [])
  return members.length > 0 && members.length <= mostMembers && members.every((one) => memberForm.test(one))
}
