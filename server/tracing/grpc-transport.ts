/** Sends serialised spans by OTLP over gRPC: https://opentelemetry.io/docs/specs/otlp/#otlpgrpc */
import { ChannelCredentials, Client, compressionAlgorithms, Metadata, status } from '@grpc/grpc-js'
import type { ExportResponse, IExporterTransport } from '@opentelemetry/otlp-exporter-base'
import type { Destination } from './settings.ts'

const method = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'

/** As OTLP over HTTP is tried again; which statuses are for it the protocol says. */
const retried = JSON.stringify({
  methodConfig: [
    {
      name: [{}],
      retryPolicy: {
        maxAttempts: 5,
        initialBackoff: '1s',
        maxBackoff: '5s',
        backoffMultiplier: 1.5,
        retryableStatusCodes: ['CANCELLED', 'ABORTED', 'OUT_OF_RANGE', 'UNAVAILABLE', 'DATA_LOSS'],
      },
    },
  ],
})

/** Of TLS, in PEM. */
export type TlsFiles = Readonly<Partial<Record<'ca' | 'cert' | 'key', Buffer | undefined>>>

/** Sends to one server, on one connection. */
export class GrpcTransport implements IExporterTransport {
  readonly #client: Client
  readonly #metadata = new Metadata()

  /** @param warn is told of a header that gRPC can't have */
  constructor(
    { url, headers, compression }: Destination,
    { ca, cert, key }: TlsFiles,
    warn: (line: string) => void,
  ) {
    const isTls = url.protocol === 'https:'
    const credentials = isTls
      ? ChannelCredentials.createSsl(ca ?? null, key ?? null, cert ?? null)
      : ChannelCredentials.createInsecure()
    this.#client = new Client(`${url.hostname}:${url.port || (isTls ? 443 : 80)}`, credentials, {
      'grpc.default_compression_algorithm':
        compressionAlgorithms[compression === 'gzip' ? 'gzip' : 'identity'],
      'grpc.enable_http_proxy': 0,
      'grpc.service_config': retried,
    })
    for (const [name, value] of Object.entries(headers)) {
      try {
        this.#metadata.set(name, value)
      } catch {
        warn(`The header ${name} for sending traces is left out: gRPC can’t have it.`)
      }
    }
  }

  send(bytes: Uint8Array, timeoutMs: number): Promise<ExportResponse> {
    const deadline = Date.now() + timeoutMs
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        method,
        (sent: Buffer) => sent,
        (received: Buffer) => received,
        Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        this.#metadata,
        { deadline },
        (error, data) => {
          if (!error) resolve({ status: 'success', ...(data && { data }) })
          else resolve({ status: 'failure', error: inWords(error.code, error.details) })
        },
      )
    })
  }

  shutdown(): void {
    this.#client.close()
  }
}

/** An error whose code or message tells what the log is to say: the system's where there was no connection, else the server's. */
function inWords(code: status, details: string): Error {
  if (code === status.DEADLINE_EXCEEDED) return new Error('Request timed out')
  const system = code === status.UNAVAILABLE ? /\b(E[A-Z]{3,})\b/.exec(details)?.[1] : undefined
  return Object.assign(new Error(`it answers ${status[code]}: ${details}`), { code: system })
}
