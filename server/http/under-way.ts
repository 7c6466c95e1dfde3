/** The response that a connection is busy with. */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Where Node keeps it, by which its own answer for malformed requests goes too. */
type HttpSocket = Socket & { readonly _httpMessage?: ServerResponse | null }

/** @returns undefined between two requests */
export const responseOn = (socket: HttpSocket): ServerResponse | undefined => socket._httpMessage ?? undefined
