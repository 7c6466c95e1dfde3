/** The span of a request to this process, for whatever is done on its behalf. */
import type { IncomingMessage } from 'node:http'
import type { Span } from '../tracing/tracing.ts'

const kept = Symbol('span')

declare module 'node:http' {
  interface IncomingMessage {
    [kept]?: Span
  }
}

/** Keeps it with the request. */
export function keepSpan(request: IncomingMessage, span: Span): void {
  request[kept] = span
}

/** @returns undefined where nothing is traced */
export const spanOf = ({ raw }: { readonly raw: IncomingMessage }): Span | undefined => raw[kept]
