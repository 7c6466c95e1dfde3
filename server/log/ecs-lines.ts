/**
 * The log's lines for collectors: JSON in the fields of the Elastic Common Schema (https://www.elastic.co/docs/reference/ecs), in the order that
 * https://github.com/elastic/ecs-logging wants the first of them in.
 */
import { printable } from '../text/printable.ts'
import { clippedClaim, clippedUrl, type RequestLine } from './request-lines.ts'

/** Whose log it is. */
export interface Service {
  readonly name: string
  readonly version: string
}

/** How lines are written. */
export interface LineFormat {
  request(line: RequestLine): string
  /** @param line JSON as pino writes it */
  message(line: string): string
}

/** Of the schema whose fields these are. */
const ecsVersion = '8.17.0'

/** As pino writes an error. */
interface WrittenError {
  readonly type?: string
  readonly message?: string
  readonly stack?: string
}

export function ecsLines({ name, version }: Service): LineFormat {
  const service = { 'ecs.version': ecsVersion, 'service.name': name, 'service.version': version }
  // Written by hand, since they are on the path of every request.
  const written = jsonText(service).slice(1, -1)
  return {
    request(line) {
      const { time, client, method, url, claimed, status, rpcStatus, milliseconds, trace } = line
      const colon = client.lastIndexOf(':')
      const address = client.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
      const from = `"client.address":${jsonText(address)},"client.port":${client.slice(colon + 1)}`
      const whose = claimed === undefined ? '' : `,"labels.claimed_for":${jsonText(clippedClaim(claimed))}`
      const asked = `"http.request.method":${jsonText(method)},"url.original":${jsonText(clippedUrl(url))}`
      // ECS has no field for it: this is OpenTelemetry's.
      const rpc = rpcStatus === undefined ? '' : `"rpc.response.status_code":"${rpcStatus}",`
      const answered = `"http.response.status_code":${status},${rpc}"event.duration":${Math.round(milliseconds * 1e6)}`
      const traced = trace ? `,"trace.id":"${trace.traceId}","span.id":"${trace.spanId}"` : ''
      const start = `{"@timestamp":"${new Date(time).toISOString()}","log.level":"info","message":"request"`
      return `${start},${written},${from}${whose},${asked},${answered}${traced}}\n`
    },
    message(line) {
      const { level, time, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>
      const fields = { '@timestamp': time, 'log.level': level, message: msg, ...service }
      // What has a dot is of the schema, such as trace.id.
      const own = Object.entries(rest).map(([key, value]) => [
        key.includes('.') ? key : `kuard.${key}`,
        value,
      ])
      return `${jsonText({ ...fields, ...errorFields(err), ...Object.fromEntries(own) })}\n`
    },
  }
}

/** @param error undefined for a line that tells of none */
function errorFields(error: unknown): Readonly<Record<string, unknown>> {
  if (error === undefined) return {}
  // Pino's serializer writes every error so.
  const { type, message, stack } = error as WrittenError
  return { 'error.type': type, 'error.message': message, 'error.stack_trace': stack }
}

/** JSON without the control characters that it lets be. */
const jsonText = (value: unknown): string => printable(JSON.stringify(value))
