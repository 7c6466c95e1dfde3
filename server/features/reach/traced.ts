/** A try as a part of the trace of the request that asked for it: over HTTP, and of gRPC's health. */
import { beginHttpClientSpan, endHttpClientSpan } from '../../tracing/http-conventions.ts'
import type { Span, Tracing } from '../../tracing/tracing.ts'
import { healthMethod, statuses } from './grpc.ts'
import { runOnce, type Patience, type Surroundings } from './run.ts'
import { endpoint, type Target } from './target.ts'
import type { ReachReport } from './wire.ts'

/** Whose trace it is a part of. */
export interface Caller {
  readonly tracing: Tracing
  readonly span: Span
}

/** As runOnce. @param caller undefined where nothing is traced */
export async function runTraced(
  target: Target,
  surroundings: Surroundings,
  patience: Patience,
  caller: Caller | undefined,
): Promise<ReachReport> {
  const span = caller && beginSpan(target, caller)
  if (!span) return runOnce(target, surroundings, patience)
  const report = await runOnce(target, surroundings, { ...patience, carrier: span.carrier })
  endSpan(span, target, report)
  return report
}

/** @returns undefined for what carries no trace */
function beginSpan(target: Target, { tracing, span: parent }: Caller): Span | undefined {
  const { scheme, host, port, rest } = target
  if (scheme === 'http' || scheme === 'https') {
    const url = `${scheme}://${endpoint(host, port)}${rest}`
    return beginHttpClientSpan(tracing, { method: 'GET', host, port, url }, parent)
  }
  if (!isGrpc(target)) return undefined
  // https://opentelemetry.io/docs/specs/semconv/rpc/grpc/
  return tracing.begin(healthMethod, {
    kind: 'client',
    parent,
    attributes: {
      'rpc.system.name': 'grpc',
      'rpc.method': healthMethod,
      'server.address': host,
      'server.port': port,
    },
  })
}

function endSpan(span: Span, target: Target, { reached, end, answer }: ReachReport): void {
  const failure = reached ? undefined : end
  if (!isGrpc(target)) {
    endHttpClientSpan(span, answer?.status ?? 0, end === 'bad status' ? undefined : failure)
    return
  }
  const status = statuses[answer?.status ?? NaN]
  if (status !== undefined) span.set({ 'rpc.response.status_code': status })
  span.end(failure)
}

const isGrpc = ({ scheme }: Target): boolean => scheme === 'grpc' || scheme === 'grpcs'
