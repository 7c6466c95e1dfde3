/** Sends spans by OTLP, and says when they don't arrive, and when they do again: https://opentelemetry.io/docs/specs/otlp/ */
import { readFile } from 'node:fs/promises'
import type { LookupFunction } from 'node:net'
import { ExportResultCode, type ExportResult } from '@opentelemetry/core'
import { createOtlpNetworkExportDelegate, OTLPExporterError } from '@opentelemetry/otlp-exporter-base'
import {
  createOtlpHttpExportDelegate,
  createOtlpHttpExporterMetrics,
  httpAgentFactoryFromOptions,
} from '@opentelemetry/otlp-exporter-base/node-http'
import {
  JsonTraceSerializer,
  ProtobufTraceSerializer,
  TraceExporterMetricsHelper,
} from '@opentelemetry/otlp-transformer'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import { faultInWords } from '../text/fault.ts'
import { hidePasswords } from '../text/url-password.ts'
import type { TlsFiles } from './grpc-transport.ts'
import type { Destination } from './settings.ts'

/** What is outside of this process, and who is told of it. */
export interface Outside {
  readonly log: Readonly<Record<'info' | 'warn', (line: string) => void>>
  readonly lookUp: LookupFunction
}

type Delegate = ReturnType<typeof createOtlpHttpExportDelegate<ReadableSpan[], unknown>>

/** What serialises spans, and the type that it is sent by. */
const forms = {
  'http/json': [JsonTraceSerializer, 'application/json'],
  'http/protobuf': [ProtobufTraceSerializer, 'application/x-protobuf'],
} as const

/** Sends to one destination. */
export class Exporter implements SpanExporter {
  readonly #delegate: Delegate
  readonly #timeoutMs: number
  readonly #name: string
  readonly #log: Outside['log']
  #isAway = false
  #arrivedAt = 0

  /** @param concurrency how many batches may be on their way */
  static async to(destination: Destination, concurrency: number, outside: Outside): Promise<Exporter> {
    return new Exporter(await delegateTo(destination, concurrency, outside), destination, outside)
  }

  private constructor(delegate: Delegate, { url, protocol, timeoutMs }: Destination, { log }: Outside) {
    this.#delegate = delegate
    this.#timeoutMs = timeoutMs
    this.#name = hidePasswords(url.href)
    this.#log = log
    log.info(`Sending traces to ${this.#name} by ${protocol}`)
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    const began = performance.now()
    this.#delegate.export(spans, (result) => {
      this.#tell(result, began)
      done(result)
    })
  }

  shutdown(): Promise<void> {
    return this.#delegate.shutdown()
  }

  /** Says that the end of the process has come first. */
  tellLate(): void {
    this.#log.warn(`The last traces were not sent to ${this.#name} in time.`)
  }

  /** Says that it goes wrong, or right again, where it was otherwise before. */
  #tell({ code, error }: ExportResult, began: number): void {
    const isAway = code !== ExportResultCode.SUCCESS
    if (!isAway) this.#arrivedAt = performance.now()
    // What was begun before others arrived, and fails, says nothing of now.
    if (isAway === this.#isAway || (isAway && began < this.#arrivedAt)) return
    this.#isAway = isAway
    if (isAway)
      this.#log.warn(
        `Traces don’t arrive at ${this.#name}: ${this.#reason(error)}. This is said once, until they do.`,
      )
    else this.#log.info(`Traces arrive at ${this.#name} again.`)
  }

  #reason(error: Error | undefined): string {
    // These have no code for a status that says to come back later.
    if (!error || error instanceof OTLPExporterError)
      return error?.code === undefined ? 'it takes none now' : `it answers ${error.code}`
    if (error.message === 'Request timed out') return `no answer within ${this.#timeoutMs} ms`
    if (error.message === 'Concurrent export limit reached') return 'it is too slow for so many'
    return faultInWords(error)
  }
}

async function delegateTo(
  destination: Destination,
  concurrencyLimit: number,
  { lookUp, log }: Outside,
): Promise<Delegate> {
  const { url, protocol, headers, timeoutMs: timeoutMillis, compression } = destination
  const tls = await filesOf(destination, log)
  if (protocol === 'grpc') {
    const { GrpcTransport } = await import('./grpc-transport.ts')
    const options = { timeoutMillis, concurrencyLimit, compression }
    const metrics = createOtlpHttpExporterMetrics(
      'otlp_grpc_span_exporter',
      TraceExporterMetricsHelper,
      url.href,
      undefined,
    )
    return createOtlpNetworkExportDelegate(
      options,
      ProtobufTraceSerializer,
      metrics,
      new GrpcTransport(destination, tls, (line) => {
        log.warn(line)
      }),
    )
  }
  const [serializer, type] = forms[protocol]
  const options = {
    url: url.href,
    headers: () => Promise.resolve({ ...headers, 'Content-Type': type }),
    timeoutMillis,
    concurrencyLimit,
    compression,
    agentFactory: httpAgentFactoryFromOptions({ keepAlive: true, lookup: lookUp, ...tls }),
  }
  const component = 'otlp_http_span_exporter'
  return createOtlpHttpExportDelegate(options, serializer, component, TraceExporterMetricsHelper, undefined)
}

async function filesOf({ certificates }: Destination, log: Outside['log']): Promise<TlsFiles> {
  const files = Object.entries(certificates).map(async ([name, path]) => [
    name,
    path === undefined ? undefined : await contentOf(path, log),
  ])
  return Object.fromEntries(await Promise.all(files)) as TlsFiles
}

async function contentOf(path: string, log: Outside['log']): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const words = code === 'ENOENT' ? 'there is no such file' : message
    log.warn(`The certificate ${path} for sending traces can’t be read: ${words}`)
    return undefined
  }
}
