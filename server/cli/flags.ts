/** The one table of flags, from which the parser, `--help` and the Config type all come. */
import { parseHostPattern, parseOriginPattern } from '../text/host-pattern.ts'
import { parseAddress } from '../text/address.ts'
import { parseFrameSource } from '../text/frame-source.ts'
import { defineFlags, describeFlags, parseFlags, UsageError, type Values } from './pflag.ts'

/** A longer one than this day would overflow the clock's timers. */
const longestWait = 86_400

const noHostPattern = 'must be a host name without scheme and port, or *.NAME, .NAME or *'
const noOriginPattern =
  'must be an origin such as https://kuard.example.com or http://*.example.com:30080, or *'
const noFrameSource = 'must be none, self, or a site such as https://*.example.com'

const serving = defineFlags({
  address: { kind: 'address', default: ':8080', help: 'HTTP address' },
  'tls-address': {
    kind: 'address',
    default: ':8443',
    help: 'HTTPS address, served if certificates are found',
  },
  'tls-dir': {
    kind: 'string',
    default: '/tls',
    help: 'folder of kuard.crt and kuard.key, else tls.crt and tls.key',
  },
  'grpc-address': { kind: 'address', default: '', help: 'address of the gRPC health service; empty is off' },
  disable: { kind: 'list', default: [], help: 'features to switch off, by name, separated by commas' },
  'fs-root': { kind: 'string', default: '/', help: 'folder that the file system browser shows' },
  'body-limit': { kind: 'int', default: 1 << 20, min: 1, help: 'largest request body, in bytes' },
  'header-limit': {
    kind: 'int',
    default: 1 << 20,
    min: 8 << 10,
    help: 'largest request line and headers, in bytes',
  },
  'idle-timeout': {
    kind: 'int',
    default: 620,
    min: 1,
    max: longestWait,
    help: 'seconds that a connection may be idle; balancers have up to 600',
  },
  debug: { kind: 'bool', default: false, help: 'development mode: log everything' },
  'debug-sitedata-dir': {
    kind: 'string',
    default: './sitedata',
    help: 'accepted for compatibility, has no effect',
  },
})

const probes = defineFlags({
  'liveness-fail-next': {
    kind: 'int',
    default: 0,
    help: 'fail the next N liveness probes; 0 succeeds forever, below 0 fails forever',
  },
  'readiness-fail-next': { kind: 'int', default: 0, help: 'the same for readiness' },
})

const keygen = defineFlags({
  'keygen-enable': { kind: 'bool', default: false, help: 'start the KeyGen workload' },
  'keygen-num-to-gen': { kind: 'int', default: 0, min: 0, help: 'keys to generate; 0 is no limit' },
  'keygen-time-to-run': { kind: 'int', default: 0, min: 0, help: 'seconds to run; 0 is no limit' },
  'keygen-exit-on-complete': {
    kind: 'bool',
    default: false,
    help: 'exit the process when the workload is complete',
  },
  'keygen-exit-code': {
    kind: 'int',
    default: 0,
    min: 0,
    max: 255,
    help: 'exit code when the workload is complete',
  },
  'keygen-memq-server': {
    kind: 'string',
    default: '',
    help: 'base URL of a MemQ server, such as http://queue:8080/memq/server',
  },
  'keygen-memq-queue': {
    kind: 'string',
    default: '',
    help: 'queue to take work from; with both set, the two limits are ignored',
  },
  'keygen-workers': { kind: 'int', default: 1, min: 1, max: 256, help: 'keys made side by side' },
})

const memq = defineFlags({
  'memq-store': {
    kind: 'string',
    default: 'memory',
    help: 'where queues are kept: memory, or redis://HOST:6379/0',
  },
  'memq-password-file': {
    kind: 'string',
    default: '',
    help: 'file with its password, else in REDIS_PASSWORD or the URL',
  },
  'memq-max-bytes': {
    kind: 'int',
    default: 64 << 20,
    min: 1,
    help: 'memory for all queues together, in bytes, overhead counted',
  },
})

const safety = defineFlags({
  'read-only': {
    kind: 'bool',
    default: false,
    help: "let nothing be changed over HTTP, but by probes and MemQ's consumers",
  },
  'allowed-hosts': {
    kind: 'list',
    default: [],
    check: (text) => (parseHostPattern(text) ? '' : `${JSON.stringify(text)} ${noHostPattern}`),
    help: 'names to be asked by beside its own: NAME, *.NAME, .NAME or * for any',
  },
  'allowed-origins': {
    kind: 'list',
    default: [],
    check: (text) => (parseOriginPattern(text) ? '' : `${JSON.stringify(text)} ${noOriginPattern}`),
    help: 'origins whose pages may change things, such as https://x.example.com',
  },
  'frame-ancestors': {
    kind: 'list',
    default: [],
    check: (text) => (parseFrameSource(text) ? '' : `${JSON.stringify(text)} ${noFrameSource}`),
    help: 'sites that may frame the page: self, https://x.example.com',
  },
})

const logging = defineFlags({
  'log-format': { kind: 'choice', default: 'text', choices: ['text', 'json'], help: 'text or json' },
  'log-level': {
    kind: 'choice',
    default: 'info',
    choices: ['debug', 'info', 'warn', 'error'],
    help: 'debug, info, warn or error; requests are logged at info',
  },
  'log-probes': { kind: 'bool', default: true, help: 'log the requests of probes too' },
})

const shutdown = defineFlags({
  'shutdown-delay': {
    kind: 'int',
    default: 5,
    min: 0,
    max: longestWait,
    help: 'seconds to go on serving after SIGTERM, with readiness failing',
  },
  'shutdown-timeout': {
    kind: 'int',
    default: 25,
    min: 1,
    max: longestWait,
    help: 'seconds after SIGTERM by which the process has exited',
  },
})

const instead = defineFlags({
  check: {
    kind: 'string',
    default: '',
    help: 'ask this URL once, as a probe does; exit 0 if it answers 200 to 399, else 1',
  },
  'generate-certs': {
    kind: 'string',
    default: '',
    help: 'write a self-signed kuard.crt and kuard.key into this folder',
  },
  version: { kind: 'bool', default: false, help: 'print the version' },
})

/** Every flag of kuard, and ours. */
const flags = {
  ...serving,
  ...probes,
  ...keygen,
  ...memq,
  ...safety,
  ...logging,
  ...shutdown,
  ...instead,
}

/** What the command line says, a camelCase key for each flag. */
export type Config = Values<typeof flags>

/**
 * Reads the command line.
 * @param argv the arguments after the program's name
 * @param port PORT of the environment, as platforms give it; for the default address
 * @returns the configuration, or `help` when `--help` or `-h` was given
 * @throws UsageError naming the first flag that is unknown or has a bad value
 */
export function readConfig(argv: readonly string[], port: string | undefined): Config | 'help' {
  if (port === undefined) return parseFlags(flags, argv)
  const address = `:${port}`
  if (!/^\d+$/.test(port) || !parseAddress(address))
    throw new UsageError(`PORT in the environment is ${JSON.stringify(port)}, which is no port`)
  return parseFlags({ ...flags, address: { ...flags.address, default: address } }, argv)
}

/** What `--help` prints. */
export const usage = (): string => `Usage of kuard:

${describeFlags({
  Serving: serving,
  Probes: probes,
  'KeyGen workload': keygen,
  'MemQ server': memq,
  Safety: safety,
  Log: logging,
  Shutdown: shutdown,
  'Instead of serving': instead,
})}`
