/**
 * The spans of a queue's consumer: one for each time it asks for an item, and one for the work on each item.
 * @see https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
 */
import type { Span, Tracing } from '../../tracing/tracing.ts'
import type { Message } from './memq-client.ts'

export class ItemSpans {
  readonly #tracing: Tracing
  readonly #queue: string

  /** @param queue its name */
  constructor(tracing: Tracing, queue: string) {
    this.#tracing = tracing
    this.#queue = queue
  }

  /** Asking for an item; whether there will be one, nobody knows yet. */
  receive(): Span {
    return this.#tracing.begin(`receive ${this.#queue}`, {
      kind: 'client',
      attributes: this.#attributes('receive'),
    })
  }

  /**
   * The work on an item. It goes on in the trace that the item was sent in, so that who looks at what a request has set off sees the
   * work too: the conventions allow it where a span is of one message. How it came here is linked.
   */
  process({ id, trace }: Message, received: Span): Span {
    return this.#tracing.begin(`process ${this.#queue}`, {
      kind: 'consumer',
      parent: trace ? { ...trace } : received,
      links: trace ? [received.carrier] : [],
      attributes: { ...this.#attributes('process'), ...(id !== undefined && { 'messaging.message.id': id }) },
    })
  }

  #attributes(operation: string) {
    return {
      'messaging.system': 'memq',
      'messaging.destination.name': this.#queue,
      'messaging.operation.name': operation,
      'messaging.operation.type': operation,
    }
  }
}
