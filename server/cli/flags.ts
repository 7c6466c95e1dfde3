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
    help: 'folder of kuard.crt and kuard.key, or of tls.crt, tls.key',
  },
  'grpc-address': {
    kind: 'address',
    default: '',
    help: 'address of gRPC: health, reflection, echo and more; empty is off',
  },
  disable: { kind: 'list', default: [], help: 'features to switch off, by name, separated by commas' },
  'fs-root': { kind: 'string', default: '/', help: 'folder that the file system browser shows' },
  'labs-dir': {
    kind: 'string',
    default: '',
    help: 'folder of labs of your own, each a file in Markdown',
  },
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
    help: 'seconds a connection may idle; balancers have up to 600',
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
    help: 'fail the next N liveness probes; 0: never again, below 0: for ever',
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
    help: 'memory, redis://HOST/0 or redis+sentinel://HOST/NAME/0',
  },
  'memq-password-file': {
    kind: 'string',
    default: '',
    help: 'file with its password, else in REDIS_PASSWORD or the URL',
  },
  'memq-wait-replicas': {
    kind: 'int',
    default: 0,
    min: 0,
    max: 100,
    help: 'replicas of Redis that have to confirm each change',
  },
  'memq-max-bytes': {
    kind: 'int',
    default: 64 << 20,
    min: 1,
    help: 'memory for all queues, in bytes, overhead counted',
  },
})

/** Those of one feature, whose defaults count for what is ordered over HTTP too. */
export const traffic = defineFlags({
  'traffic-enable': { kind: 'bool', default: false, help: 'start to send requests to --traffic-url' },
  'traffic-url': { kind: 'string', default: '', help: 'what to ask, such as http://kuard/' },
  'traffic-rate': { kind: 'number', default: 10, min: 0.1, max: 2000, help: 'requests a second' },
  'traffic-time-to-run': { kind: 'int', default: 0, min: 0, help: 'seconds to run; 0 is no limit' },
  'traffic-num-to-send': { kind: 'int', default: 0, min: 0, help: 'requests to send; 0 is no limit' },
  'traffic-connections': {
    kind: 'choice',
    default: 'new',
    choices: ['new', 'kept'],
    help: 'new for each request, which a Service balances, or kept',
  },
  'traffic-concurrency': {
    kind: 'int',
    default: 16,
    min: 1,
    max: 256,
    help: 'requests side by side, at most',
  },
  'traffic-method': { kind: 'string', default: 'GET', help: 'method of the requests' },
  'traffic-header': {
    kind: 'list',
    default: [],
    check: (text) => (/^[^\s:]+:/.test(text) ? '' : `${JSON.stringify(text)} must be NAME: VALUE`),
    help: 'header of the requests, NAME: VALUE; may be given more than once',
  },
  'traffic-body': { kind: 'string', default: '', help: 'body of the requests' },
  'traffic-timeout-ms': {
    kind: 'int',
    default: 5000,
    min: 1,
    max: 60_000,
    help: 'milliseconds until a request that was due has failed',
  },
  'traffic-count': {
    kind: 'string',
    default: '',
    help: 'what of the answers to count: body, header:NAME or json:FIELD',
  },
  'traffic-log': {
    kind: 'choice',
    default: 'seconds',
    choices: ['seconds', 'failures'],
    help: 'a line in the log for each second, or for each failure',
  },
  'traffic-exit-on-complete': {
    kind: 'bool',
    default: false,
    help: 'exit when all is sent; 1 if more than --traffic-max-failures failed',
  },
  'traffic-max-failures': { kind: 'int', default: 0, min: 0, help: 'failures that are none too many' },
})

const chain = defineFlags({
  upstream: {
    kind: 'list',
    default: [],
    help: 'URLs that /chain asks, such as http://backend:8080, separated by commas',
  },
})

const seconds = { kind: 'int', default: 0, min: 0, max: longestWait } as const
const share = { kind: 'number', min: 0, max: 1 } as const
const count = { kind: 'int', default: 0, min: 0 } as const

const faults = defineFlags({
  'fault-error-share': { ...share, default: 0, help: 'share of requests that are answered by an error' },
  'fault-error-status': { kind: 'int', default: 503, min: 400, max: 599, help: 'the status of those' },
  'fault-error-retry-after': { ...seconds, help: 'Retry-After of those, in seconds; 0 is none' },
  'fault-delay-ms': {
    ...count,
    max: 600_000,
    help: 'milliseconds that requests are delayed; the median, with p99',
  },
  'fault-delay-p99-ms': { ...count, max: 600_000, help: 'what one in a hundred is delayed; 0 for all alike' },
  'fault-delay-share': { ...share, default: 1, help: 'share of requests that are delayed' },
  'fault-cut-share': { ...share, default: 0, help: 'share of requests whose connection is cut' },
  'fault-cut-at': {
    kind: 'choice',
    default: 'before',
    choices: ['before', 'within', 'after'],
    help: "before, within or after the answer's head",
  },
  'fault-cut-reset': { kind: 'bool', default: false, help: 'cut by a reset, not by an orderly end' },
  'fault-slow-body': { ...count, help: 'bytes a second that bodies are sent at; 0 is as fast as can be' },
  'fault-request-cpu-ms': { ...count, max: 60_000, help: 'milliseconds of CPU that each request takes' },
  'fault-path': { kind: 'string', default: '/', help: 'how paths begin that these faults touch' },
  'fault-probes': { kind: 'bool', default: false, help: 'let them touch probes too' },
  'fault-by-query': {
    kind: 'bool',
    default: false,
    help: 'let a request ask for faults: ?fault.delay=200ms&fault.status=503:30',
  },
  'fault-crash-after': { ...seconds, help: 'seconds until the process crashes; 0 is never' },
  'fault-crash-after-requests': { ...count, help: 'requests until it crashes; 0 is never' },
  'fault-crash-code': { ...count, default: 1, max: 255, help: 'exit code of the crash' },
  'fault-crash-signal': {
    kind: 'choice',
    default: '',
    choices: ['', 'SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGTERM'],
    help: 'signal to crash by instead: SIGKILL, SIGSEGV, SIGABRT or SIGTERM',
  },
  'fault-deadlock-after': { ...seconds, help: 'seconds until nothing is answered any more; 0 is never' },
  'fault-deadlock-for': { ...seconds, default: 600, min: 1, help: 'seconds that nothing is answered then' },
  'fault-slow-start': { ...seconds, help: 'seconds until the server listens' },
  'fault-cpu': { kind: 'number', default: 0, min: 0, max: 256, help: 'cores to keep busy, such as 0.5' },
  'fault-leak-mib': { kind: 'number', default: 0, min: 0, max: 4096, help: 'MiB a second that leak' },
  'fault-disk-mib': { ...count, help: 'MiB to fill of --fault-disk-folder' },
  'fault-disk-folder': { kind: 'string', default: '/tmp', help: 'the folder whose space that takes' },
  'fault-open-files': { ...count, help: 'files to hold open' },
  'fault-sockets': { ...count, help: 'sockets to hold open' },
  'fault-ignore-sigterm': { kind: 'bool', default: false, help: 'ignore SIGTERM, until SIGKILL comes' },
  'fault-log-lines': { ...count, max: 100_000, help: 'lines a second to write into the log' },
  'fault-seconds': {
    ...seconds,
    help: 'seconds until all but crash and deadlock end; 0 is until taken back',
  },
})

const safety = defineFlags({
  'read-only': {
    kind: 'bool',
    default: false,
    help: "let nothing be changed over HTTP, but by probes and MemQ's consumers",
  },
  'reach-metadata': {
    kind: 'bool',
    default: false,
    help: "let Reach ask a cloud's metadata service for the node's credentials",
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
  'log-sample': {
    ...share,
    default: 1,
    help: 'share of requests that are logged, beside all failures',
  },
  'log-probes': { kind: 'bool', default: true, help: 'log the requests of probes too' },
})

const shutdown = defineFlags({
  'shutdown-delay': {
    kind: 'int',
    default: 5,
    min: 0,
    max: longestWait,
    help: 'seconds to serve on after SIGTERM, with readiness failing',
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
    help: 'ask this URL once, as a probe; exit 0 if it answers 200 to 399, else 1',
  },
  reach: {
    kind: 'string',
    default: '',
    help: 'try HOST:PORT, https://HOST ... and print the steps; exit 0 or 1',
  },
  wait: {
    kind: 'int',
    default: 0,
    min: 0,
    max: longestWait,
    help: 'seconds to try --reach until it works',
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
  ...traffic,
  ...chain,
  ...faults,
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
  Traffic: traffic,
  Chain: chain,
  Faults: faults,
  Safety: safety,
  Log: logging,
  Shutdown: shutdown,
  'Instead of serving': instead,
})}`
