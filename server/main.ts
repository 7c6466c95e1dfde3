/** The process: what the command line asks for. Each task's code is loaded when it is the one asked for. */
import { flags, readConfig, type Config } from './flags.ts'
import { describeFlags, UsageError } from './pflag.ts'
import { versionNamed } from './version.ts'

const version = versionNamed(process.env.KUARD_VERSION)

const usage = `Usage of kuard:\n${describeFlags(flags)}\n`

/** libuv's threads serve file reads and the log; each key that is being made takes one more for seconds. */
const threadsBesideKeys = 8

/** Does what this process's command line says. */
export async function main(): Promise<void> {
  try {
    await run(readConfig(process.argv.slice(2)))
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    process.stderr.write(`${error.message}\n${usage}`)
    process.exitCode = 2
  }
}

async function run(config: Config | 'help'): Promise<void> {
  if (config === 'help') process.stdout.write(usage)
  else if (config.version) process.stdout.write(`kuard-ts ${version.name}\n`)
  else if (config.check !== '') await checkOnce(config)
  else if (config.generateCerts !== '') await writeCerts(config)
  else {
    process.env.UV_THREADPOOL_SIZE ??= String(threadsBesideKeys + config.keygenWorkers)
    const { serve } = await import('./serve.ts')
    await serve(config, version)
  }
}

async function checkOnce({ check: url }: Config): Promise<void> {
  const { check } = await import('./check.ts')
  const { healthy, words } = await check(url)
  process.stdout.write(`${words.trimEnd()}\n`)
  process.exitCode = healthy ? 0 : 1
}

async function writeCerts({ generateCerts: folder }: Config): Promise<void> {
  const { generateCerts } = await import('./certs.ts')
  try {
    process.stdout.write(`${await generateCerts(folder)}\n`)
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  }
}
