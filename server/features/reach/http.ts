/** An HTTP request on a connection that stands: GET, never redirected, and no more of the answer than a screen shows. */
import { request, STATUS_CODES, type ClientRequest, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { Ended } from './ended.ts'
import { endpoint, type Target } from './target.ts'
import type { Trail } from './trail.ts'
import type { ReachReport } from './wire.ts'

/** What is read of a body, in bytes. */
export const maxBody = 4096

/** What is read of the head, in bytes: what servers themselves take. */
const maxHead = 16 << 10

/** A body that doesn't say how long it is may be a stream without an end: it is read for so long, in milliseconds. */
const streamMs = 1000

/**
 * Sends the request and reads the answer.
 * @param report is given the answer
 * @throws Ended
 */
export async function askHttp(
  socket: Duplex,
  target: Target,
  trail: Trail,
  report: ReachReport,
): Promise<string> {
  const line = `GET ${target.rest} HTTP/1.1`
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => undefined)
  const cutOff = () => {
    failure.reject(new Ended('cut off', 'the server closed the connection before it had answered'))
  }
  const sent = await trail.step('request', line, async () => {
    const asked = begin(socket, target, trail)
    asked.on('error', failure.reject).on('close', cutOff)
    // What comes of an answer that has begun, reading it tells.
    asked.once('response', () => asked.off('close', cutOff))
    // Else Node closes the connection without a word.
    asked.on('upgrade', () => {
      failure.reject(
        new Ended('odd answer', 'it speaks another protocol than HTTP from here on (status 101)'),
      )
    })
    const response = new Promise<IncomingMessage>((resolve) => asked.once('response', resolve))
    const first = new Promise((resolve) => socket.once('data', resolve))
    await Promise.race([new Promise((resolve) => asked.once('finish', resolve)), failure.promise])
    return [{ response, first }, 'sent'] as const
  })
  await trail.step('first byte', line, async () => {
    await Promise.race([sent.first, sent.response, failure.promise])
    return [undefined, 'an answer begins'] as const
  })
  return trail.step('body', line, async () => {
    const response = await Promise.race([sent.response, failure.promise])
    const answer = describe(response)
    report.answer = answer
    answer.bodyIsCut = await Promise.race([readBody(response, answer), failure.promise])
    const words = `${answer.statusWords}, ${answer.bodyIsCut ? 'the first ' : ''}${Buffer.byteLength(answer.body)} bytes`
    const status = response.statusCode ?? 0
    if (status >= 400 || status < 200) throw new Ended('bad status', `it answers ${answer.statusWords}`)
    return [answer.statusWords, words] as const
  })
}

function begin(socket: Duplex, { host, port, rest, scheme }: Target, { carrier }: Trail): ClientRequest {
  // A zone counts on this host alone (RFC 6874, section 4).
  const named = endpoint(host.replace(/%.*/, ''), port)
  const isUsual = port === (scheme === 'https' ? 443 : 80)
  const asked = request({
    method: 'GET',
    path: rest,
    headers: {
      host: isUsual ? named.replace(/:\d+$/, '') : named,
      accept: '*/*',
      'user-agent': 'kuard-reach',
      connection: 'close',
      ...carrier,
    },
    maxHeaderSize: maxHead,
    createConnection: () => socket,
  })
  asked.end()
  return asked
}

function describe(response: IncomingMessage): NonNullable<ReachReport['answer']> {
  const { statusCode: status = 0, statusMessage = '', rawHeaders, headers } = response
  const reason = statusMessage === '' ? (STATUS_CODES[status] ?? '') : statusMessage
  return {
    status,
    statusWords: `${status} ${reason.slice(0, 100)}`.trimEnd(),
    location: headers.location ?? null,
    headers: pairs(rawHeaders),
    body: '',
    bodyIsCut: false,
  }
}

function pairs(raw: readonly string[]): { name: string; value: string }[] {
  const names = raw.filter((_text, index) => index % 2 === 0)
  return names.map((name, index) => ({ name, value: raw[2 * index + 1] ?? '' }))
}

/**
 * Reads what is to be shown into the answer.
 * @returns whether there is more
 */
function readBody(response: IncomingMessage, answer: { body: string }): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  const isStream = response.headers['content-length'] === undefined
  const timer = isStream
    ? setTimeout(() => {
        resolve(true)
      }, streamMs)
    : undefined
  const text = new TextDecoder()
  let length = 0
  response.on('data', (chunk: Buffer) => {
    answer.body += text.decode(chunk.subarray(0, maxBody - length), { stream: true })
    length += chunk.length
    if (length <= maxBody) return
    response.destroy()
    resolve(true)
  })
  response.on('end', () => {
    resolve(false)
  })
  response.on('error', reject)
  return promise.finally(() => {
    clearTimeout(timer)
  })
}
