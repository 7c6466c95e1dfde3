/** gRPC's own health check, over HTTP/2: https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
import { connect, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import type { Duplex } from 'node:stream'
import { Ended } from './ended.ts'
import { endpoint, type Target } from './target.ts'
import type { Trail } from './trail.ts'
import type { ReachReport } from './wire.ts'

/** By its whole name. */
export const healthMethod = 'grpc.health.v1.Health/Check'

/** What is read of an answer, in bytes: a health check has some ten. */
const maxBytes = 4096

/** The numbers of HealthCheckResponse.ServingStatus. */
const healths = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN']

/** https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
export const statuses =
  'OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED'.split(
    ' ',
  )

/** What came of the call. */
interface Call {
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

/**
 * Asks for the health of a service, or of all by the empty name.
 * @throws Ended
 */
export async function askGrpc(
  socket: Duplex,
  target: Target,
  trail: Trail,
  report: ReachReport,
): Promise<string> {
  const service = target.rest
  const of = service === '' ? 'Health/Check' : `Health/Check of ${service}`
  return trail.step('request', of, async () => {
    const { headers, bytes } = await call(socket, target, trail)
    const httpStatus = Number(headers[':status'])
    const status = headers['grpc-status'] === undefined ? null : Number(headers['grpc-status'])
    if (httpStatus !== 200 || status === null)
      throw new Ended('odd answer', `it speaks HTTP/2 and no gRPC (status ${httpStatus})`)
    const words = status === 0 ? (healths[healthIn(bytes)] ?? 'UNKNOWN') : failureOf(status, headers)
    report.answer = {
      status,
      statusWords: words,
      location: null,
      headers: Object.entries(headers).map(([name, value]) => ({ name, value: String(value) })),
      body: '',
      bodyIsCut: false,
    }
    if (words !== 'SERVING') throw new Ended('bad status', `its gRPC health is ${words}`)
    return ['is SERVING', words] as const
  })
}

const failureOf = (status: number, headers: IncomingHttpHeaders): string => {
  const message = String(headers['grpc-message'] ?? '').slice(0, 300)
  return `${statuses[status] ?? status}${message === '' ? '' : `: ${decoded(message)}`}`
}

/** Percent-encoded, perhaps badly. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

async function call(socket: Duplex, { scheme, host, port, rest }: Target, trail: Trail): Promise<Call> {
  const { promise, resolve, reject } = Promise.withResolvers<Call>()
  const protocol = scheme === 'grpcs' ? 'https' : 'http'
  const session = connect(`${protocol}://${endpoint(host.replace(/%.*/, ''), port)}`, {
    createConnection: () => socket,
  })
  session.on('error', reject).on('close', () => {
    reject(new Ended('cut off', 'the server closed the connection before it had answered'))
  })
  trail.signal.addEventListener('abort', () => {
    session.destroy()
  })
  const stream = session.request({
    ':method': 'POST',
    ':path': `/${healthMethod}`,
    'content-type': 'application/grpc',
    te: 'trailers',
    'user-agent': 'kuard-reach',
    ...trail.carrier,
  })
  collect(stream).then(resolve, reject)
  stream.end(framed(rest))
  return promise
}

async function collect(stream: ClientHttp2Stream): Promise<Call> {
  const { promise, resolve, reject } = Promise.withResolvers<Call>()
  let headers: IncomingHttpHeaders = {}
  let bytes = Buffer.alloc(0)
  stream.on('response', (received) => (headers = { ...received }))
  stream.on('trailers', (received) => (headers = { ...headers, ...received }))
  stream.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    if (bytes.length > maxBytes) reject(new Ended('odd answer', 'its answer is no health check'))
  })
  stream.on('end', () => {
    resolve({ headers, bytes })
  })
  stream.on('error', reject)
  return promise
}

/** A HealthCheckRequest, whose first field is the service's name, as gRPC sends it: not compressed, its length, itself. */
function framed(service: string): Buffer {
  const name = Buffer.from(service)
  const field =
    name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([10]), varint(name.length), name])
  const head = Buffer.alloc(5)
  head.writeUInt32BE(field.length, 1)
  return Buffer.concat([head, field])
}

/** Seven bits a byte, the lowest first: https://protobuf.dev/programming-guides/encoding/#varints */
const varint = (number: number): Buffer =>
  number < 128
    ? Buffer.from([number])
    : Buffer.concat([Buffer.from([(number & 127) | 128]), varint(number >> 7)])

/** The status in a HealthCheckResponse; what is left out is 0. */
function healthIn(bytes: Buffer): number {
  const [tag, status = 0] = bytes.subarray(5)
  return tag === 8 ? status : 0
}
