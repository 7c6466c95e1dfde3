/** A request and its answer, as faults touch them: below Fastify, so that an answer by any hand is touched alike. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** An answer that is given in place of the route's own. */
export interface ErrorAnswer {
  readonly status: number
  /** In seconds; 0 is no such header. */
  readonly retryAfter: number
}

export class Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  error: ErrorAnswer | undefined
  /** Whether nobody will be answered: the connection was cut, or the client has left. */
  isOver = false
  readonly #marks: string[] = []

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.request = request
    this.response = response
  }

  /** Says in the answer's head what was done to it, such as `delay=200ms`. */
  readonly mark = (words: string): void => {
    this.#marks.push(words)
    this.response.setHeader('x-fault', this.#marks.join(', '))
  }
}
