/** Answers whose connection is cut before, within or after their head. */
import { STATUS_CODES, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { MakeFault } from '../action.ts'
import type { FaultOrder } from '../wire.ts'
import type { Exchange } from './exchange.ts'
import { requestFault } from './request-fault.ts'
import { writeThrough } from './writing.ts'

/** What is logged and counted where nothing is answered, as nginx has it. */
const noAnswer = 444

/** How long a client may take to close its end too, in milliseconds. */
const lingerMs = 1_000

/** INTERNAL_ERROR (RFC 9113, section 7); node:http2, which names it, is loaded where there is a certificate. */
const internalError = 2

/** Where and how a connection is cut. */
export type Cut = Required<Pick<FaultOrder<'cut'>, 'at' | 'reset'>>

/** A response of HTTP/2, which Node has in place of HTTP/1's. */
type Http2Response = ServerResponse & { readonly stream: { close(code: number): void } }

const isHttp2 = (response: ServerResponse): response is Http2Response => 'stream' in response

/** Cuts the connection of an answer; in HTTP/2, where a head is sent whole, it is its stream, which is reset. */
export const cutting =
  ({ at, reset }: Cut) =>
  (exchange: Exchange): void => {
    const { response } = exchange
    exchange.mark(`cut=${at}`)
    if (at === 'before') {
      exchange.isOver = true
      cutBefore(exchange, reset)
      return
    }
    writeThrough(response, () => {
      let isCut = false
      const cutOnce = () => {
        if (isCut) return
        isCut = true
        if (at === 'after') cutAfter(exchange, reset)
        else cutWithin(exchange, reset)
      }
      return {
        write() {
          cutOnce()
          return false
        },
        end: cutOnce,
      }
    })
  }

function cutBefore(exchange: Exchange, reset: boolean): void {
  const { response } = exchange
  response.statusCode = noAnswer
  if (isHttp2(response)) response.stream.close(internalError)
  else
    inTurn(response, (socket) => {
      close(socket, exchange, reset)
    })
}

function cutWithin(exchange: Exchange, reset: boolean): void {
  const { response } = exchange
  if (isHttp2(response)) {
    cutBefore(exchange, reset)
    return
  }
  const head = headOf(response)
  response.statusCode = noAnswer
  inTurn(response, (socket) => {
    socket.write(head.slice(0, head.length / 2))
    close(socket, exchange, reset)
  })
}

function cutAfter(exchange: Exchange, reset: boolean): void {
  const { response } = exchange
  response.flushHeaders()
  // Each is sent in a turn of its own.
  setImmediate(() => {
    if (isHttp2(response)) response.stream.close(internalError)
    else
      inTurn(response, (socket) => {
        close(socket, exchange, reset)
      })
  })
}

/** The head that would have been sent, as far as it is known here. */
function headOf(response: ServerResponse): string {
  const { statusCode } = response
  const headers = Object.entries(response.getHeaders()).map(
    ([name, value]) => `${name}: ${String(value)}\r\n`,
  )
  return `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] ?? ''}\r\n${headers.join('')}\r\n`
}

/** In a pipeline the answers before it are sent first. */
function inTurn(response: ServerResponse, cut: (socket: Socket) => void): void {
  if (response.socket) cut(response.socket)
  else
    response.once('socket', (socket: Socket) => {
      setImmediate(cut, socket)
    })
}

function close(socket: Socket, { request }: Exchange, reset: boolean): void {
  if (reset) {
    setImmediate(() => {
      connectionBelow(socket).resetAndDestroy()
    })
    return
  }
  // What still comes is read: to close before would be a reset.
  request.resume()
  socket.end()
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => {
    clearTimeout(timer)
  })
}

/** Only TCP can be reset: Node keeps the connection that TLS runs on here. */
const connectionBelow = (socket: Socket & { readonly _parent?: Socket | null }): Socket =>
  socket._parent ?? socket

const place = { before: 'before', within: 'within', after: 'right after' } as const

export const makeCut: MakeFault<'cut'> = (order) => {
  const { at = 'before', reset = false } = order
  const how = reset ? ', by a reset' : ''
  return requestFault(
    order,
    { at, reset },
    (requests) => `cuts the connection of ${requests} ${place[at]} the answer’s head${how}`,
    cutting({ at, reset }),
  )
}
