/** Headers that are the same in answer after answer: checked and written out once, and put behind each status line as they are. */
import { OutgoingMessage, validateHeaderValue, type ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'

const prepared = Symbol('prepared')

declare module 'node:http' {
  interface OutgoingMessage {
    /**
     * Node's own, of HTTP/1 alone: makes an answer's head of its first line and its headers. It checks and copies each of these every
     * time, which for the seven that all JSON has took a tenth of an enqueue's time.
     */
    _storeHeader?(firstLine: string, headers: unknown): void
    [prepared]?: PreparedHeaders | undefined
  }
}

function storeBehindPrepared(this: ServerResponse, firstLine: string, headers: unknown): void {
  OutgoingMessage.prototype._storeHeader?.call(this, firstLine + (this[prepared]?.text ?? ''), headers)
}

/** Some headers. An answer that is given them may have no other of their names. */
export class PreparedHeaders {
  readonly #headers: Readonly<Record<string, string>>
  /** As they go over the wire. */
  readonly text: string
  #asJson: PreparedHeaders | undefined

  /** @param headers by their names in lower case */
  constructor(headers: Readonly<Record<string, string>>) {
    this.#headers = headers
    this.text = Object.entries(headers)
      .map(([name, value]) => {
        validateHeaderValue(name, value)
        return `${name}: ${value}\r\n`
      })
      .join('')
  }

  /** The same of an answer in JSON, which knows no charset (RFC 8259, section 11). */
  get asJson(): PreparedHeaders {
    return (this.#asJson ??= new PreparedHeaders({ ...this.#headers, 'content-type': 'application/json' }))
  }

  /** Gives them to an answer. */
  prepare(reply: FastifyReply): void {
    const { raw } = reply
    if (raw._storeHeader) {
      raw[prepared] = this
      raw._storeHeader = storeBehindPrepared
    } else void reply.headers(this.#headers)
  }

  /** Has an answer that was given them have them as any others, for a hand that may change them. */
  undo(response: ServerResponse): void {
    response[prepared] = undefined
    for (const [name, value] of Object.entries(this.#headers)) response.setHeader(name, value)
  }
}

/** Those that an answer was given, if it is one of HTTP/1. */
export const preparedFor = (response: ServerResponse): PreparedHeaders | undefined => response[prepared]
