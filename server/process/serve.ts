/** The server: app, listeners, signals. */
import { hostname } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { createApp, type App } from '../app.ts'
import type { Config } from '../cli/flags.ts'
import { lookUp } from '../host/look-up.ts'
import type { Version } from '../identity/version.ts'
import type { CallSurroundings } from '../listeners/grpc/calls.ts'
import { HttpListener } from '../listeners/http.ts'
import { HttpsListener } from '../listeners/https.ts'
import { listenError } from '../listeners/listen-error.ts'
import { Unreadable } from '../listeners/unreadable.ts'
import { openLog, type Log } from '../log/log.ts'
import { endsProcess, type Closable } from './shutdown.ts'
import { parseAddress, withPort } from '../text/address.ts'
import { hidePasswords } from '../text/url-password.ts'
import { configuredTracing, serviceName } from '../tracing/configured.ts'

/**
 * Serves until a signal or a feature ends the process.
 * @param env what the process was started with
 * @throws UsageError when `--disable` names no feature
 */
export async function serve(config: Config, version: Version, env: NodeJS.ProcessEnv): Promise<void> {
  const log = openLog({
    format: config.logFormat,
    level: config.debug ? 'debug' : config.logLevel,
    sample: config.logSample,
    service: { name: serviceName(env), version: version.name },
  })
  const pod = hostname()
  const tracing = await configuredTracing(env, { version: version.name, hostname: pod, log, lookUp })
  const times = { delay: config.shutdownDelay, timeout: config.shutdownTimeout }
  const shutdown = endsProcess(times, log, tracing)
  // A promise's rejection that nobody handles arrives here too; in place of what main.ts does before there is a log.
  process.removeAllListeners('uncaughtException').on('uncaughtException', (error: unknown) => {
    log.error({ err: error instanceof Error ? error : new Error(inspect(error)) }, 'kuard has failed')
    void shutdown.exit(1)
  })
  const app = createApp(config, {
    log,
    tracing,
    version,
    hostname: pod,
    commandLine: commandLine(),
    env,
    // Beside the bundle.
    uiFolder: join(__dirname, 'ui'),
    manifestsFolder: join(__dirname, 'manifests'),
    labsFile: join(__dirname, 'labs.json'),
    exit: (code) => void shutdown.exit(code),
    dieBy: (signal) => void shutdown.dieBy(signal),
    ignoreSigterm: shutdown.ignoreSigterm,
  })
  announce(config, version, log)
  await app.http.ready()
  if (config.faultSlowStart > 0 && !config.disable.includes('faults')) {
    const { startSlowly } = await import('./slow-start.ts')
    await startSlowly(config.faultSlowStart, shutdown, log)
  }
  const handler = app.http.routing.bind(app.http)
  const answerer = { pod, version: version.name }
  const unreadable = new Unreadable(answerer, log)
  const limits = { ...config, webSocketPaths: app.webSocketPaths }
  const http = new HttpListener(handler, unreadable, limits)
  const https = new HttpsListener(
    handler,
    unreadable,
    limits,
    { address: config.tlsAddress, folder: config.tlsDir },
    log,
  )
  const listeners: Closable[] = [http, https]
  // Whoever has been answered once may send one.
  shutdown.onSignal(app, listeners)
  await app.prepare()
  try {
    const [port, , grpc] = await Promise.all([
      http.listen(config.address),
      https.start(),
      listenForGrpc(app, config, { answerer, log, tracing }),
    ])
    listeners.push(...grpc)
    log.info(`Serving on HTTP on ${withPort(config.address, port)}`)
  } catch (error) {
    log.error((error as Error).message)
    await shutdown.exit(1)
  }
  app.start()
}

/** As a user would type it: in the image Node.js goes by the name of /kuard, which runs it. */
function commandLine(): readonly string[] {
  const words = process.argv0.endsWith('/kuard') ? [process.argv0, ...process.argv.slice(2)] : process.argv
  return words.map(hidePasswords)
}

/** @returns nothing when `--grpc-address` is not given */
async function listenForGrpc({ probes }: App, config: Config, surroundings: CallSurroundings) {
  const address = parseAddress(config.grpcAddress)
  if (!address) return []
  const { GrpcListener } = await import('../listeners/grpc/listener.ts')
  const grpc = new GrpcListener(probes, config, surroundings)
  const port = await grpc.listen(address).catch((error: unknown) => {
    throw listenError(config.grpcAddress, error as Error)
  })
  surroundings.log.info(`Serving gRPC on ${withPort(config.grpcAddress, port)}`)
  return [grpc]
}

function announce(config: Config, version: Version, log: Log): void {
  log.info(`Starting kuard version: ${version.name}`)
  log.info('*'.repeat(70))
  log.info('* WARNING: This server may expose sensitive')
  log.info('* and secret information. Be careful.')
  log.info('*'.repeat(70))
  const memqStore = hidePasswords(config.memqStore)
  log.info({ config: { ...config, memqStore } }, 'Config:')
}
