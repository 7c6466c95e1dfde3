/** Which trace something is a part of: https://www.w3.org/TR/trace-context-2/ */

/** The trace ID that a `traceparent` or a `traceresponse` names. */
export const traceIdOf = (context: string | null | undefined): string | undefined => context?.split('-')[1]
