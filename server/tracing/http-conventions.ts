/** How spans of HTTP tell what was asked, and those of clients what came of it: https://opentelemetry.io/docs/specs/semconv/http/http-spans/ */
import type { Attributes, Beginning, Span, Tracing } from './tracing.ts'

/** Of others anyone could make as many names of spans as he likes. */
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY'])

/** A method as a span's name and as its attributes have it. */
export const methodIn = (method: string): readonly [name: string, attributes: Attributes] =>
  knownMethods.has(method)
    ? [method, { 'http.request.method': method }]
    : ['HTTP', { 'http.request.method': '_OTHER', 'http.request.method_original': method }]

/** A request that this process sends. */
export interface ClientRequest {
  readonly method: string
  /** A name or an address, of IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** All of it, without a password. */
  readonly url: string
}

/** Begins the span of a request that is about to be sent; `carrier` is to go with it. */
export function beginHttpClientSpan(
  tracing: Tracing,
  { method, host, port, url }: ClientRequest,
  parent?: Beginning['parent'],
): Span {
  const [name, attributes] = methodIn(method)
  return tracing.begin(name, {
    kind: 'client',
    parent,
    attributes: { ...attributes, 'server.address': host, 'server.port': port, 'url.full': url },
  })
}

/**
 * Ends it.
 * @param status of the answer; 0 without any
 * @param failure why there was none, or no whole one, in a word or two
 */
export function endHttpClientSpan(span: Span, status: number, failure?: string): void {
  if (status > 0) span.set({ 'http.response.status_code': status })
  span.end(failure ?? (status >= 400 ? String(status) : undefined))
}
