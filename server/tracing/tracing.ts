/** What the rest of the process knows of traces. Without an endpoint to send them to there are none, and nothing behind this file is loaded. */

/** Of a span, by the names of OpenTelemetry's semantic conventions. */
export type Attributes = Readonly<Record<string, string | number | boolean>>

/** Headers that may carry a trace, by their names in lower case (W3C Trace Context: traceparent, tracestate). */
export type Carrier = Readonly<Record<string, string | readonly string[] | undefined>>

/** What a span has to do with what is outside of this process. */
export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal'

/** One piece of work, from its beginning to its end. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 of them. */
  readonly spanId: string
  /** Whether it will be sent; what isn't still hands its trace on. */
  readonly isSampled: boolean
  /** What a request or a message on its behalf carries. */
  readonly carrier: Readonly<Record<string, string>>
  set(attributes: Attributes): void
  /** @param error why it failed, if it did: a value for `error.type`, such as a status or a class of errors */
  end(error?: string): void
}

/** How a span begins. */
export interface Beginning {
  readonly kind: SpanKind
  /** What it is a part of: a span of this process, or what came with a request. Without, it begins a trace. */
  readonly parent?: Span | Carrier | undefined
  /** What else it has to do with, such as the message that it works on. */
  readonly links?: readonly Carrier[]
  readonly attributes?: Attributes
}

/** Makes spans and has them sent. */
export interface Tracing {
  begin(name: string, beginning: Beginning): Span
  /** Sends what is left, as long as that may take; never fails. */
  close(): Promise<void>
}
