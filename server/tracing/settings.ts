/**
 * How traces are sampled and sent, as the environment says by the variables of OpenTelemetry's specification
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/, https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
 */
import { validateHeaderName, validateHeaderValue } from 'node:http'
import { printable } from '../text/printable.ts'
import { hidePasswords } from '../text/url-password.ts'

const protocols = ['http/protobuf', 'http/json', 'grpc'] as const
const compressions = ['none', 'gzip'] as const
const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

/** Where traces are sent, and how. */
export interface Destination {
  readonly url: URL
  readonly protocol: (typeof protocols)[number]
  readonly headers: Readonly<Record<string, string>>
  /** For one batch, in milliseconds. */
  readonly timeoutMs: number
  readonly compression: (typeof compressions)[number]
  /** Files in PEM: whom to trust, and who this process is. */
  readonly certificates: Readonly<Record<'ca' | 'cert' | 'key', string | undefined>>
}

/** How many spans wait, and how long. */
export interface Batches {
  readonly maxQueueSize: number
  readonly maxExportBatchSize: number
  readonly scheduledDelayMillis: number
  readonly exportTimeoutMillis: number
}

/** Everything that the environment says of traces. */
export interface Settings {
  /** Undefined when there is none to send to. */
  readonly destination: Destination | undefined
  readonly sampler: { readonly name: (typeof samplers)[number]; readonly share: number }
  readonly batches: Batches
  /** What OTEL_RESOURCE_ATTRIBUTES says of this process. */
  readonly attributes: Readonly<Record<string, string>>
  readonly serviceName: string | undefined
  /** What could not be taken as it is, a line for each. */
  readonly complaints: readonly string[]
}

/** A longer value is cut where it is complained of, in characters. */
const maxQuoted = 100

/** The longest that a timer can wait, in milliseconds. */
const longestMs = 2 ** 31 - 1

/** Reads them; what is wrong is complained of, and its default is taken. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const variables = new Variables(env)
  const queue = variables.read('OTEL_BSP_MAX_QUEUE_SIZE', 2048, whole(1, 100_000))
  variables.read('OTEL_SDK_DISABLED', 'false', oneOf(['true', 'false']))
  variables.read('OTEL_TRACES_EXPORTER', 'otlp', oneOf(['otlp', 'none']))
  return {
    destination: readDestination(variables),
    sampler: {
      name: variables.read('OTEL_TRACES_SAMPLER', 'parentbased_always_on', oneOf(samplers)),
      share: variables.read('OTEL_TRACES_SAMPLER_ARG', 1, share),
    },
    batches: {
      maxQueueSize: queue,
      maxExportBatchSize: variables.read(
        'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
        Math.min(512, queue),
        whole(1, queue),
      ),
      scheduledDelayMillis: variables.read('OTEL_BSP_SCHEDULE_DELAY', 5_000, whole(0, longestMs)),
      exportTimeoutMillis: variables.read('OTEL_BSP_EXPORT_TIMEOUT', 30_000, whole(1, longestMs)),
    },
    attributes: variables.read('OTEL_RESOURCE_ATTRIBUTES', {}, pairs),
    serviceName: variables.get('OTEL_SERVICE_NAME'),
    complaints: variables.complaints,
  }
}

/** What is said of traces alone goes before what is said of all that OpenTelemetry sends. */
function readDestination(variables: Variables): Destination | undefined {
  const ofSignal = (option: string) =>
    variables.get(`OTEL_EXPORTER_OTLP_TRACES_${option}`) === undefined
      ? `OTEL_EXPORTER_OTLP_${option}`
      : `OTEL_EXPORTER_OTLP_TRACES_${option}`
  const endpoint = ofSignal('ENDPOINT')
  const url = variables.read<URL | undefined>(endpoint, undefined, endpointUrl)
  if (!url) return undefined
  const protocol = variables.read(ofSignal('PROTOCOL'), 'http/protobuf', oneOf(protocols))
  // Only the endpoint of all signals is a base; gRPC knows no paths.
  if (endpoint === 'OTEL_EXPORTER_OTLP_ENDPOINT' && protocol !== 'grpc')
    url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`
  return {
    url,
    protocol,
    headers: variables.read(ofSignal('HEADERS'), {}, headers),
    timeoutMs: variables.read(ofSignal('TIMEOUT'), 10_000, whole(1, longestMs)),
    compression: variables.read(ofSignal('COMPRESSION'), 'none', oneOf(compressions)),
    certificates: {
      ca: variables.get(ofSignal('CERTIFICATE')),
      cert: variables.get(ofSignal('CLIENT_CERTIFICATE')),
      key: variables.get(ofSignal('CLIENT_KEY')),
    },
  }
}

/** How a kind of value is read. */
interface Reader<Value> {
  /** What it has to be, in words. */
  readonly wanted: string
  /** Undefined for what it can't be. */
  readonly parse: (text: string) => Value | undefined
  /** Its value is nobody's business. */
  readonly isSecret?: boolean
}

/** The variables, and what is wrong with them. */
class Variables {
  readonly complaints: string[] = []
  readonly #env: NodeJS.ProcessEnv

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env
  }

  /** @returns undefined for an empty one too, which is as good as none */
  get(name: string): string | undefined {
    const text = this.#env[name]?.trim()
    return text === '' ? undefined : text
  }

  read<Value>(name: string, fallback: Value, { wanted, parse, isSecret = false }: Reader<Value>): Value {
    const text = this.get(name)
    if (text === undefined) return fallback
    const value = parse(text)
    if (value !== undefined) return value
    const quoted = isSecret ? 'its value' : `“${printable(hidePasswords(text.slice(0, maxQuoted)))}”`
    this.complaints.push(`${name}: ${quoted} has to be ${wanted}; ${inWords(fallback)}`)
    return fallback
  }
}

function inWords(fallback: unknown): string {
  if (fallback === undefined) return 'nothing is traced'
  return typeof fallback === 'string' || typeof fallback === 'number'
    ? `${fallback} is taken`
    : 'nothing of it is taken'
}

const oneOf = <const Word extends string>(words: readonly Word[]): Reader<Word> => ({
  wanted: `one of ${words.join(', ')}`,
  parse: (text) => words.find((word) => word === text.toLowerCase()),
})

const whole = (least: number, most: number): Reader<number> => ({
  wanted: `a whole number from ${least} to ${most}`,
  parse(text) {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN
    return number >= least && number <= most ? number : undefined
  },
})

const share: Reader<number> = {
  wanted: 'a number from 0 to 1',
  parse(text) {
    const number = Number(text)
    return number >= 0 && number <= 1 ? number : undefined
  },
}

const endpointUrl: Reader<URL> = {
  wanted: 'a URL that begins with http:// or https://',
  parse(text) {
    const url = URL.parse(text)
    return url && /^https?:$/.test(url.protocol) ? url : undefined
  },
}

/** As W3C Baggage has them: https://www.w3.org/TR/baggage/#header-content */
const pairs: Reader<Readonly<Record<string, string>>> = {
  wanted: 'pairs as NAME=VALUE,NAME=VALUE, each percent-encoded',
  parse(text) {
    try {
      return Object.fromEntries(
        text
          .split(',')
          .filter((pair) => pair.trim() !== '')
          .map(pairOf),
      )
    } catch {
      return undefined
    }
  },
}

/** @throws Error for what is none */
function pairOf(text: string): [name: string, value: string] {
  const [, name = '', value = ''] = /^\s*([^\s=]+)\s*=\s*(.*?)\s*$/.exec(text) ?? []
  if (name === '') throw new Error('no pair')
  return [decodeURIComponent(name), decodeURIComponent(value)]
}

const headers: Reader<Readonly<Record<string, string>>> = {
  wanted: 'HTTP headers as NAME=VALUE,NAME=VALUE, each percent-encoded',
  isSecret: true,
  parse(text) {
    const named = pairs.parse(text)
    if (!named) return undefined
    try {
      for (const [name, value] of Object.entries(named)) {
        validateHeaderName(name)
        validateHeaderValue(name, value)
      }
      return named
    } catch {
      return undefined
    }
  },
}
