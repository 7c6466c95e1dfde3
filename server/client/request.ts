/** The one way out: an HTTP request of this process's own, within limits of time and size, and never redirected. */
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import type { RequestOptions } from 'node:https'
import { lookUp, refuseUrl } from './address.ts'
import type { Connections } from './connections.ts'
import { faultInWords } from '../text/fault.ts'

/** How long an answer that is on its way may take to come when its client leaves, in milliseconds. */
const leaveMs = 1000

/** What is asked, beside the URL. */
export interface Question {
  /** GET by default. */
  readonly method?: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
  /** For everything from the look-up of the name to the end of the answer. */
  readonly timeoutMs: number
  /** What is read of the answer's body. */
  readonly maxBytes: number
  /** Ends the request early. */
  readonly signal?: AbortSignal
  /**
   * Ends it early as well, but loses no answer that is on its way: the server is told that nothing more will be sent (a half-closed connection), and what
   * it says until it closes the connection too is read, for a second at most.
   */
  readonly leave?: AbortSignal
  /** Kept for further requests; without, each has one of its own. */
  readonly connections?: Connections
  /** Takes any certificate for good, as a kubelet's probe does. */
  readonly insecure?: boolean
}

/** What was answered, whatever the status. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** The body was longer than was to be read. */
  readonly isCut: boolean
}

/** There was no answer, or only a part of one; the message says why, in one line. */
export class NoAnswer extends Error {
  override name = 'NoAnswer'
}

/**
 * Sends a request and reads the answer.
 * @throws NoAnswer when the URL may not be asked, the connection fails, or time is up
 * @throws the signal's reason when that aborts
 */
export async function request(url: URL, question: Question): Promise<Answer> {
  const {
    method = 'GET',
    headers = {},
    body,
    timeoutMs,
    signal,
    leave,
    connections,
    insecure = false,
  } = question
  const refusal = refuseUrl(url)
  if (refusal !== undefined) throw new NoAnswer(`the URL ${refusal}`)
  signal?.throwIfAborted()
  leave?.throwIfAborted()
  const transport = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))

  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const fail = (error: Error) => {
    reject(new NoAnswer(faultInWords(error), { cause: error }))
  }
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
  const options: RequestOptions = {
    method,
    headers: { ...length, ...headers },
    agent: connections?.agent(transport.Agent) ?? false,
    lookup: lookUp,
    rejectUnauthorized: !insecure,
  }
  const outgoing = transport.request(url, options, (incoming) => {
    readAnswer(incoming, question.maxBytes).then(resolve, fail)
  })
  outgoing.on('error', fail).end(body)
  const timer = setTimeout(() => {
    reject(new NoAnswer(`no answer within ${Math.ceil(timeoutMs / 1000)}s`))
  }, timeoutMs)
  const abort = () => {
    reject(signal?.reason as Error)
  }
  signal?.addEventListener('abort', abort)
  const depart = () => {
    if (halfClose(outgoing)) setTimeout(abandon, leaveMs).unref()
    else abandon()
  }
  const abandon = () => {
    reject(leave?.reason as Error)
  }
  if (leave?.aborted === true) depart()
  leave?.addEventListener('abort', depart)
  try {
    const answer = await promise
    if (answer.isCut) outgoing.destroy()
    return answer
  } catch (error) {
    outgoing.destroy()
    throw error
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
    leave?.removeEventListener('abort', depart)
  }
}

/** @returns false where nothing can have been answered yet, since there is no connection */
function halfClose({ socket }: ClientRequest): boolean {
  if (socket?.connecting !== false) return false
  socket.end()
  return true
}

function readAnswer(incoming: IncomingMessage, maxBytes: number): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const chunks: Buffer[] = []
  let length = 0
  const answer = (isCut: boolean) => {
    const { statusCode: status = 0, headers } = incoming
    resolve({ status, headers, body: Buffer.concat(chunks).subarray(0, maxBytes), isCut })
  }
  incoming.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length > maxBytes) answer(true)
  })
  incoming.on('end', () => {
    answer(false)
  })
  incoming.on('error', reject)
  return promise
}
