/** The span of what is put into a queue, which the messages carry; loaded with the first, where anything is traced. */
import type { Attributes, Carrier, Span, Tracing } from '../../tracing/tracing.ts'
import { RefusedError, type Awaitable } from './store.ts'
import { traceContextIn, type TraceContext } from '../../tracing/trace-context.ts'
import type { Message, Messages } from './wire.ts'

/**
 * Puts in one message or a batch, as a part of a trace.
 * @param parent the request that asks for it
 * @param put is given what the messages are to carry
 * @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
 */
export async function sendTraced(
  tracing: Tracing,
  queue: string,
  parent: Span | Carrier,
  put: (trace: TraceContext | undefined) => Awaitable<Message | Messages>,
): Promise<Message | Messages> {
  const attributes = {
    'messaging.system': 'memq',
    'messaging.destination.name': queue,
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
  }
  const span = tracing.begin(`send ${queue}`, { kind: 'producer', parent, attributes })
  try {
    const sent = await put(traceContextIn(span.carrier))
    span.set(attributesOf(sent))
    span.end()
    return sent
  } catch (error) {
    span.end(error instanceof RefusedError ? error.refusal : (error as Error).name)
    throw error
  }
}

const attributesOf = (sent: Message | Messages): Attributes =>
  sent.kind === 'message'
    ? { 'messaging.message.id': sent.id }
    : { 'messaging.batch.message_count': sent.messages.length }
