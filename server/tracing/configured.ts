/** Whether traces are wanted, as the variables of OpenTelemetry's specification say. */
import type { Tracing } from './tracing.ts'
import type { Surroundings } from './open-telemetry.ts'

/**
 * Loads what makes spans where there is an endpoint to send them to.
 * @param env of the process; https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 * @returns undefined where nothing is to be traced
 */
export async function configuredTracing(
  env: NodeJS.ProcessEnv,
  surroundings: Surroundings,
): Promise<Tracing | undefined> {
  if (!isWanted(env)) return undefined
  const { OpenTelemetry } = await import('./open-telemetry.ts')
  return OpenTelemetry.configured(env, surroundings)
}

/** What this process is called where its traces and its log are looked at: its `service.name`. */
export function serviceName({ OTEL_SERVICE_NAME: name = '' }: NodeJS.ProcessEnv): string {
  return name.trim() === '' ? 'kuard' : name.trim()
}

function isWanted(env: NodeJS.ProcessEnv): boolean {
  const says = (name: string) => env[name]?.trim() ?? ''
  const hasEndpoint = says('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') + says('OTEL_EXPORTER_OTLP_ENDPOINT') !== ''
  const isOff = /^true$/i.test(says('OTEL_SDK_DISABLED')) || /^none$/i.test(says('OTEL_TRACES_EXPORTER'))
  return hasEndpoint && !isOff
}
