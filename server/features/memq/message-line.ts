/** Messages as lines of JSON, written by hand, since each enqueue and dequeue answers one. */
import type { DeliveredMessage, Message } from './wire.ts'

/** But for its end. Of these fields only the body may have characters that JSON escapes. */
const begin = ({ id, body, creationTimestamp }: Message): string =>
  `{"kind":"message","id":"${id}","body":${JSON.stringify(body)},"creationTimestamp":"${creationTimestamp}"`

/** A message that was put in. */
export const messageLine = (message: Message): string => `${begin(message)}}\n`

/** A message that is handed out. */
export function deliveryLine(message: DeliveredMessage): string {
  if (message.dead ?? message.life) return `${JSON.stringify(message)}\n`
  const { deliveries, lease, traceparent } = message
  const held = lease === undefined ? '' : `,"lease":"${lease}"`
  const traced = traceparent === undefined ? '' : traceFields(traceparent, message.tracestate)
  return `${begin(message)},"deliveries":${deliveries}${traced}${held}}\n`
}

const traceFields = (traceparent: string, tracestate: string | undefined): string =>
  `,"traceparent":"${traceparent}"${tracestate === undefined ? '' : `,"tracestate":${JSON.stringify(tracestate)}`}`
