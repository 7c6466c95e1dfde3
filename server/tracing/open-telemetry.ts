/** Spans by the libraries of OpenTelemetry, which are in a file of their own with this one: it is read when there is an endpoint to send them to. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api'
import type { Context, Span as ApiSpan, SpanContext, Tracer } from '@opentelemetry/api'
import { parseTraceParent, TraceState } from '@opentelemetry/core'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace'
import { Exporter, type Outside } from './exporter.ts'
import { readSettings, type Settings } from './settings.ts'
import { traceparentOf } from './trace-context.ts'
import type { Attributes, Beginning, Carrier, Span, Tracing } from './tracing.ts'

/** What it needs to know of this process, and of what is outside. */
export interface Surroundings extends Outside {
  /** The version's name, such as `1.0.0-blue`. */
  readonly version: string
  /** The name of this host; in a pod, the pod's. */
  readonly hostname: string
}

/** What a request or a message may make a span hold, in characters: so what waits to be sent is bounded, and what is kept of a longer text is no part of it. */
const maxText = 1024

/** A longer tracestate is ignored, in characters: 512 have to be handed on (https://www.w3.org/TR/trace-context/#tracestate-limits). */
const maxTraceState = 2048

/** How long the last spans may take to be sent at the end of the process, in milliseconds. */
const closingMs = 1500

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const

/** Makes spans, and sends them in batches. */
export class OpenTelemetry implements Tracing {
  readonly #exporter: Exporter
  readonly #provider: TracerProvider
  readonly #tracer: Tracer

  /**
   * @param env as `readSettings` reads it
   * @returns undefined when there is no endpoint that could be sent to
   */
  static async configured(
    env: NodeJS.ProcessEnv,
    surroundings: Surroundings,
  ): Promise<OpenTelemetry | undefined> {
    const { log } = surroundings
    const settings = readSettings(env)
    for (const complaint of settings.complaints) log.warn(complaint)
    const { destination } = settings
    if (!destination) return undefined
    const { maxQueueSize, maxExportBatchSize } = settings.batches
    // At the end all that waits is sent at once, perhaps beside one more.
    const concurrency = Math.ceil(maxQueueSize / maxExportBatchSize) + 1
    const exporter = await Exporter.to(destination, concurrency, surroundings)
    const isInKubernetes = env.KUBERNETES_SERVICE_HOST !== undefined
    return new OpenTelemetry(settings, exporter, resourceOf(settings, surroundings, isInKubernetes))
  }

  private constructor(settings: Settings, exporter: Exporter, resource: Resource) {
    this.#exporter = exporter
    this.#provider = new TracerProvider({
      resource,
      sampler: samplerOf(settings.sampler),
      spanProcessors: [new BatchSpanProcessor({ exporter, ...settings.batches })],
    })
    this.#tracer = this.#provider.getTracer('kuard')
  }

  begin(name: string, { kind, parent, links = [], attributes = {} }: Beginning): Span {
    const options = {
      kind: kinds[kind],
      attributes: tidied(attributes),
      links: links.flatMap((carrier) => {
        const context = contextIn(carrier)
        return context ? [{ context }] : []
      }),
    }
    return new OwnSpan(this.#tracer.startSpan(tidy(name), options, below(parent)))
  }

  async close(): Promise<void> {
    const sent = this.#provider.shutdown().catch(() => undefined)
    if ((await Promise.race([sent, sleep(closingMs, 'late' as const)])) === 'late') this.#exporter.tellLate()
  }
}

type Resource = ReturnType<typeof defaultResource>

/** By https://opentelemetry.io/docs/specs/semconv/resource/; what the environment says goes before what is found out. */
function resourceOf(
  { attributes, serviceName }: Settings,
  { hostname, version }: Surroundings,
  isInKubernetes: boolean,
): Resource {
  const found = {
    'service.name': 'kuard',
    'service.version': version,
    'host.name': hostname,
    ...(isInKubernetes && { 'k8s.pod.name': hostname }),
  }
  const said = { ...attributes, ...(serviceName !== undefined && { 'service.name': serviceName }) }
  return defaultResource().merge(resourceFromAttributes({ ...found, ...said }))
}

function samplerOf({ name, share }: Settings['sampler']): Sampler {
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler()
    case 'always_off':
      return new AlwaysOffSampler()
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(share)
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() })
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() })
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(share) })
  }
}

/** A span of the library's. */
class OwnSpan implements Span {
  readonly #span: ApiSpan
  readonly context: SpanContext
  #carrier: Span['carrier'] | undefined

  constructor(span: ApiSpan) {
    this.#span = span
    this.context = span.spanContext()
  }

  get traceId(): string {
    return this.context.traceId
  }

  get spanId(): string {
    return this.context.spanId
  }

  get isSampled(): boolean {
    return (this.context.traceFlags & TraceFlags.SAMPLED) !== 0
  }

  get carrier(): Span['carrier'] {
    return (this.#carrier ??= carrierOf(this))
  }

  set(attributes: Attributes): void {
    this.#span.setAttributes(tidied(attributes))
  }

  end(error?: string): void {
    if (error !== undefined)
      this.#span.setAttribute('error.type', tidy(error)).setStatus({ code: SpanStatusCode.ERROR })
    this.#span.end()
  }
}

function carrierOf(span: OwnSpan): Span['carrier'] {
  const traceparent = traceparentOf(span)
  const tracestate = span.context.traceState?.serialize() ?? ''
  return tracestate === '' ? { traceparent } : { traceparent, tracestate }
}

/** Where a span begins that is a part of another; what can't be read is no parent. */
function below(parent: Beginning['parent']): Context {
  if (!parent) return ROOT_CONTEXT
  // Every span is one of these; what is none is a carrier.
  const context = parent instanceof OwnSpan ? parent.context : contextIn(parent as Carrier)
  return context ? trace.setSpanContext(ROOT_CONTEXT, context) : ROOT_CONTEXT
}

/** What came with a request or a message, by https://www.w3.org/TR/trace-context/. */
function contextIn({ traceparent, tracestate }: Carrier): SpanContext | undefined {
  const context = typeof traceparent === 'string' ? parseTraceParent(traceparent) : null
  if (!context) return undefined
  const states = [tracestate ?? []].flat().join()
  const traceState = states === '' || states.length > maxTraceState ? undefined : new TraceState(states)
  return { ...context, isRemote: true, ...(traceState && { traceState }) }
}

const tidied = (attributes: Attributes): Record<string, string | number | boolean> =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' ? tidy(value) : value,
    ]),
  )

/** Not too long, a copy if it is cut, and no half of a character: a collector refuses the whole batch for one. */
const tidy = (text: string): string =>
  (text.length > maxText ? Buffer.from(text.slice(0, maxText)).toString() : text).toWellFormed()
