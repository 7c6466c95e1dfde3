/**
 * A receiver of OpenTelemetry's traces over HTTP and gRPC. It reads them by the numbers of the official definitions:
 * https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto
 */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { gunzipSync } from 'node:zlib'
import { Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js'
import { atEnd, type Lifetime } from './at-end.ts'
import type { Pair } from './certificates.ts'
import { eventually } from './eventually.ts'

/** What is told of a span, or of the process that it is of. */
export type Attributes = Readonly<Record<string, string | number | boolean>>

/** A span as it has arrived. */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  /** Empty for the first of its trace. */
  readonly parentSpanId: string
  readonly traceState: string
  readonly name: string
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number
  /** 0 unset, 1 ok, 2 error. */
  readonly status: number
  readonly attributes: Attributes
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  /** In milliseconds. */
  readonly took: number
  /** Of the process. */
  readonly resource: Attributes
}

/** How it came. */
export interface ReceivedRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly spans: readonly ReceivedSpan[]
}

/** Takes traces at a port of 127.0.0.1. */
export class OtlpReceiver {
  readonly requests: ReceivedRequest[] = []
  /** What it answers; it takes nothing but for 200, and with 0 it never answers. */
  status = 200
  url = ''

  get spans(): readonly ReceivedSpan[] {
    return this.requests.flatMap(({ spans }) => spans)
  }

  /** Resolves to the first span that fits, once it is there. */
  span(what: string, fits: (span: ReceivedSpan) => boolean): Promise<ReceivedSpan> {
    return eventually(`a span ${what}`, () => this.spans.find(fits))
  }

  /** Resolves to the first span of a name. */
  named(name: string): Promise<ReceivedSpan> {
    return this.span(`named ${name}`, (span) => span.name === name)
  }

  readonly answer = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (this.status === 0) return
      const { url: path = '', headers } = request
      const sent = Buffer.concat(chunks)
      const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
      if (this.status === 200) this.requests.push({ path, headers, spans: spansIn(body, headers) })
      const type = headers['content-type'] ?? ''
      response.writeHead(this.status, { 'content-type': type }).end(type.includes('json') ? '{}' : '')
    })
  }
}

/** Starts one. @param options a port, where it is known before; a certificate, for TLS */
export async function startOtlpReceiver(
  context: Lifetime,
  { port = 0, tls }: { readonly port?: number; readonly tls?: Pair } = {},
): Promise<OtlpReceiver> {
  const receiver = new OtlpReceiver()
  const server = tls ? createTlsServer(tls, receiver.answer) : createServer(receiver.answer)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  atEnd(context, () => {
    server.close()
    server.closeAllConnections()
  })
  // Every TCP listener has an AddressInfo.
  const address = server.address() as { port: number }
  receiver.url = `${tls ? 'https' : 'http'}://127.0.0.1:${address.port}`
  return receiver
}

/** Starts one that is spoken to by gRPC. @param port where it is known before */
export async function startGrpcOtlpReceiver(context: Lifetime, port = 0): Promise<OtlpReceiver> {
  const receiver = new OtlpReceiver()
  const server = new Server()
  const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
  const take: handleUnaryCall<Buffer, Buffer> = ({ request, metadata }, callback) => {
    const headers = Object.fromEntries(
      Object.entries(metadata.getMap()).map(([name, value]) => [name, String(value)]),
    )
    receiver.requests.push({ path, headers, spans: spansInProtobuf(request) })
    callback(null, Buffer.alloc(0))
  }
  const asTheyAre = (bytes: Buffer) => bytes
  const form = {
    requestSerialize: asTheyAre,
    requestDeserialize: asTheyAre,
    responseSerialize: asTheyAre,
    responseDeserialize: asTheyAre,
  }
  server.addService(
    { Export: { path, requestStream: false, responseStream: false, ...form } },
    { Export: take },
  )
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error)
      else resolve(bound)
    })
  })
  atEnd(context, () => {
    server.forceShutdown()
  })
  receiver.url = `http://127.0.0.1:${bound}`
  return receiver
}

/** The environment of a process that sends its spans there, soon. */
export const tracedTo = ({ url }: { readonly url: string }): Record<string, string> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: url,
  OTEL_BSP_SCHEDULE_DELAY: '20',
})

const spansIn = (body: Buffer, headers: IncomingHttpHeaders): ReceivedSpan[] =>
  headers['content-type'] === 'application/json'
    ? spansInJson(JSON.parse(body.toString()) as JsonTraces)
    : spansInProtobuf(body)

interface JsonAttribute {
  readonly key: string
  readonly value: Readonly<Record<string, string | number | boolean>>
}

/** https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: identifiers are hexadecimal, 64 bits are text. */
interface JsonTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly JsonAttribute[] }
    readonly scopeSpans: readonly { readonly spans: readonly JsonSpan[] }[]
  }[]
}

interface JsonSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly traceState?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly JsonAttribute[]
  readonly status: { readonly code?: number }
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
}

const spansInJson = ({ resourceSpans }: JsonTraces): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...span,
        parentSpanId: span.parentSpanId ?? '',
        traceState: span.traceState ?? '',
        status: span.status.code ?? 0,
        attributes: attributesInJson(span.attributes),
        took: Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6,
        resource: attributesInJson(resource.attributes),
      })),
    ),
  )

const attributesInJson = (attributes: readonly JsonAttribute[]): Attributes =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0] ?? '']))

/** The fields of a message of protobuf, by their numbers: https://protobuf.dev/programming-guides/encoding/ */
class Message {
  readonly #fields = new Map<number, (Buffer | bigint)[]>()

  constructor(bytes: Buffer) {
    for (let at = 0; at < bytes.length;) {
      const [tag, afterTag] = varint(bytes, at)
      const number = Number(tag >> 3n)
      const [value, next] = fieldAt(bytes, afterTag, Number(tag & 7n))
      this.#fields.set(number, [...(this.#fields.get(number) ?? []), value])
      at = next
    }
  }

  messages(number: number): Message[] {
    return (this.#fields.get(number) ?? []).map((bytes) => new Message(bytes as Buffer))
  }

  bytes(number: number): Buffer {
    return (this.#fields.get(number)?.at(-1) ?? Buffer.alloc(0)) as Buffer
  }

  number(number: number): bigint {
    return (this.#fields.get(number)?.at(-1) ?? 0n) as bigint
  }

  has(number: number): boolean {
    return this.#fields.has(number)
  }
}

function varint(bytes: Buffer, start: number): [value: bigint, next: number] {
  let value = 0n
  for (let at = start; ; at += 1) {
    const byte = bytes[at] ?? 0
    value |= BigInt(byte & 127) << BigInt(7 * (at - start))
    if (byte < 128) return [value, at + 1]
  }
}

function fieldAt(bytes: Buffer, at: number, wireType: number): [value: Buffer | bigint, next: number] {
  if (wireType === 0) return varint(bytes, at)
  if (wireType === 1) return [bytes.readBigUInt64LE(at), at + 8]
  if (wireType === 5) return [BigInt(bytes.readUInt32LE(at)), at + 4]
  const [length, begin] = varint(bytes, at)
  const end = begin + Number(length)
  return [bytes.subarray(begin, end), end]
}

const spansInProtobuf = (body: Buffer): ReceivedSpan[] =>
  new Message(body).messages(1).flatMap((resourceSpans) => {
    const resource = attributesIn(resourceSpans.messages(1)[0]?.messages(1) ?? [])
    return resourceSpans
      .messages(2)
      .flatMap((scopeSpans) => scopeSpans.messages(2))
      .map((span) => ({
        traceId: span.bytes(1).toString('hex'),
        spanId: span.bytes(2).toString('hex'),
        traceState: span.bytes(3).toString(),
        parentSpanId: span.bytes(4).toString('hex'),
        name: span.bytes(5).toString(),
        kind: Number(span.number(6)),
        took: Number(span.number(8) - span.number(7)) / 1e6,
        attributes: attributesIn(span.messages(9)),
        links: span.messages(13).map((link) => ({
          traceId: link.bytes(1).toString('hex'),
          spanId: link.bytes(2).toString('hex'),
        })),
        status: Number(span.messages(15)[0]?.number(3) ?? 0n),
        resource,
      }))
  })

const attributesIn = (pairs: readonly Message[]): Attributes =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [value = new Message(Buffer.alloc(0))] = pair.messages(2)
      return [pair.bytes(1).toString(), valueIn(value)]
    }),
  )

function valueIn(value: Message): string | number | boolean {
  if (value.has(2)) return value.number(2) === 1n
  return value.has(3) ? Number(BigInt.asIntN(64, value.number(3))) : value.bytes(1).toString()
}
