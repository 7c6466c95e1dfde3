/** The process: command line, app, listeners, signals. */
import { hostname } from 'node:os'
import { createApp, type App } from './app.ts'
import { readConfig, flags, type Config } from './flags.ts'
import { withPort } from './listeners/address.ts'
import { HttpListener } from './listeners/http.ts'
import { openLog, type Log } from './log.ts'
import { describeFlags, UsageError } from './pflag.ts'
import { endsProcess } from './shutdown.ts'
import { versionNamed } from './version.ts'

const version = versionNamed(process.env.KUARD_VERSION)

const usage = `Usage of kuard:\n${describeFlags(flags)}\n`

/** libuv's threads serve file reads and the log; each key that is being made takes one more for seconds. */
const threadsBesideKeys = 8

function readCommandLine(): Config {
  try {
    const config = readConfig(process.argv.slice(2))
    if (config !== 'help') return config
    process.stdout.write(usage)
    process.exit(0)
  } catch (error) {
    return refuseUsage(error)
  }
}

function refuseUsage(error: unknown): never {
  if (!(error instanceof UsageError)) throw error
  process.stderr.write(`${error.message}\n${usage}`)
  process.exit(2)
}

async function main(): Promise<void> {
  const config = readCommandLine()
  if (config.version) {
    process.stdout.write(`kuard-ts ${version.name}\n`)
    return
  }
  process.env.UV_THREADPOOL_SIZE ??= String(threadsBesideKeys + config.keygenWorkers)
  const log = openLog(config)
  await serve(config, log)
}

async function serve(config: Config, log: Log): Promise<void> {
  const shutdown = endsProcess(config, log)
  let app: App
  try {
    app = createApp(config, {
      log,
      version,
      hostname: hostname(),
      commandLine: process.argv,
      env: process.env,
      exit: (code) => void shutdown.exit(code),
    })
  } catch (error) {
    return refuseUsage(error)
  }
  announce(config, log)
  await app.http.ready()
  const handler = app.http.routing.bind(app.http)
  try {
    const http = new HttpListener(handler)
    const port = await http.listen(config.address)
    log.info(`Serving on HTTP on ${withPort(config.address, port)}`)
    shutdown.onSignal(app, [http])
  } catch (error) {
    log.error((error as Error).message)
    await shutdown.exit(1)
  }
  app.start()
}

function announce(config: Config, log: Log): void {
  log.info(`Starting kuard version: ${version.name}`)
  log.info('*'.repeat(70))
  log.info('* WARNING: This server may expose sensitive')
  log.info('* and secret information. Be careful.')
  log.info('*'.repeat(70))
  log.info(`Config:\n${JSON.stringify(config, undefined, 2)}`)
}

await main()
