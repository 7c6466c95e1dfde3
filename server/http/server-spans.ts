/**
 * Spans of the requests to this process, by the semantic conventions of HTTP servers:
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span
 */
import { isIP } from 'node:net'
import type { FastifyContextConfig, FastifyReply, FastifyRequest } from 'fastify'
import { methodIn } from '../tracing/http-conventions.ts'
import { traceparentOf } from '../tracing/trace-context.ts'
import type { Attributes, Span, Tracing } from '../tracing/tracing.ts'
import { pathOf } from './prefix.ts'
import { keepSpan } from './spans.ts'

/** Begins the spans of an app's requests. */
export class ServerSpans {
  readonly #tracing: Tracing

  constructor(tracing: Tracing) {
    this.#tracing = tracing
  }

  /**
   * Begins a request's span, keeps it with the request and names it in the answer.
   * @param config of its route
   * @returns undefined where it isn't traced: an answer that doesn't end by itself has a span that nobody would see, and those who ask all
   * day, as kubelets and Prometheus do, would fill every list of traces; theirs are traced where they bring a trace along
   */
  begin(
    request: FastifyRequest,
    reply: FastifyReply,
    { endless, probe, watched }: FastifyContextConfig,
  ): Span | undefined {
    const { raw } = request
    if (endless === true) return undefined
    if ((probe === true || watched === true) && raw.headers.traceparent === undefined) return undefined
    const route = request.routeOptions.url
    const [method, attributes] = methodIn(request.method)
    const span = this.#tracing.begin(route === undefined ? method : `${method} ${route}`, {
      kind: 'server',
      parent: raw.headers,
      attributes: { ...attributes, ...attributesOf(request, route) },
    })
    keepSpan(raw, span)
    // https://www.w3.org/TR/trace-context-2/#traceresponse-header
    reply.raw.setHeader('traceresponse', traceparentOf(span))
    return span
  }
}

/**
 * Ends the span of a request whose answer is over.
 * @param status as it is logged; 499 where the client left before there was one, which is no failure of the server, and 444 where it gave none
 * @param isWhole whether all of the answer was sent
 */
export function endServerSpan(span: Span, status: number, isWhole: boolean): void {
  span.set({ 'http.response.status_code': status })
  if (status >= 500 || status === 444) span.end(String(status))
  else span.end(isWhole || status >= 400 ? undefined : 'incomplete')
}

function attributesOf(request: FastifyRequest, route: string | undefined): Attributes {
  const { originalUrl, raw, headers } = request
  const { remoteAddress = '', remotePort = 0 } = raw.socket
  const query = originalUrl.indexOf('?')
  const [claimed = ''] = String(headers['x-forwarded-for'] ?? '').split(',', 1)
  return {
    'url.scheme': request.protocol,
    'url.path': pathOf(originalUrl),
    ...(query >= 0 && { 'url.query': originalUrl.slice(query + 1) }),
    ...(route !== undefined && { 'http.route': route }),
    ...serverOf(request.host),
    'network.protocol.version': raw.httpVersion.replace(/\.0$/, ''),
    'network.peer.address': remoteAddress,
    'network.peer.port': remotePort,
    'client.address': isIP(claimed.trim()) === 0 ? remoteAddress : claimed.trim(),
    ...(headers['user-agent'] !== undefined && { 'user_agent.original': headers['user-agent'] }),
  }
}

/** @param host as the Host header has it */
function serverOf(host: string): Attributes {
  const [, name = '', port] = /^(.*?)(?::(\d{1,5}))?$/.exec(host) ?? []
  return {
    ...(name !== '' && { 'server.address': name }),
    ...(port !== undefined && { 'server.port': Number(port) }),
  }
}
