/** The faults to choose from: what each one shows, what it is told, and by which flags a start is told the same. */
import type { FaultKind, FaultOrder } from '../../../../server/features/faults/wire.ts'

/** What has been typed, chosen and ticked, by the names of the order’s fields. */
export type Settings = Readonly<Record<string, string | boolean>>

interface Setting {
  readonly label: string
  readonly hint?: string
  /** Without its dashes; undefined where no flag says it. */
  readonly flag?: string
}

/** A number to type. */
export interface Amount extends Setting {
  readonly type: 'amount'
  readonly unit: string
  /** As the server takes them. */
  readonly min: number
  readonly max: number
  readonly isWhole: boolean
  /** How many of the unit are one of the server’s: 100, where a share is typed in %. */
  readonly scale?: number
  readonly initial: string
  /** What holds where it is left out; it can be left empty where this is. Undefined where it has to be said. */
  readonly usual?: string
  /** What holds where the flag is left out, if that is something else. */
  readonly flagUsual?: string
}

/** A text to type. */
export interface Words extends Setting {
  readonly type: 'words'
  readonly pattern: RegExp
  /** What is wrong with any other. */
  readonly problem: string
  /** What holds where it is left out. */
  readonly usual: string
}

/** Something that is so or not, and usually not. */
export interface Tick extends Setting {
  readonly type: 'tick'
}

/** One of a few words, of which the first is what holds where it is left out. */
export interface Choice<Value extends string = string> extends Setting {
  readonly type: 'choice'
  readonly choices: readonly [Value | 'none', ...Value[]]
}

/** How long it lasts. */
export interface End extends Setting {
  readonly type: 'end'
}

export type Field = Amount | Words | Tick | Choice | End

/** In tuples, so that a union stays one. */
type FieldOf<Value> = [Value] extends [boolean | undefined]
  ? Tick
  : [Value] extends [number | undefined]
    ? Amount | End
    : string extends Value
      ? Words
      : Choice<Exclude<Value, undefined> & string>

/** One fault to choose. */
export interface FaultForm {
  readonly kind: FaultKind
  readonly name: string
  readonly group: 'requests' | 'process'
  /** What is seen, and who notices. */
  readonly teaches: string
  /** By the names of its order’s fields. */
  readonly fields: Readonly<Record<string, Field>>
  /** The flag that begins it, where none of a field does. */
  readonly flag?: string
  /** The flag that says after how many seconds it begins: what is at once here is after 1 s from the start. */
  readonly flagAfter?: string
  /** What will happen, where that is more than late or wrong answers. */
  readonly warning?: (settings: Settings) => string
}

/** As the server has it: no field is left out. */
interface FormOf<Kind extends FaultKind> extends FaultForm {
  readonly kind: Kind
  readonly fields: { readonly [Name in keyof FaultOrder<Kind>]-?: FieldOf<FaultOrder<Kind>[Name]> }
}

const whole = (
  label: string,
  unit: string,
  more: Omit<Amount, 'type' | 'isWhole' | 'label' | 'unit'>,
): Amount => ({
  type: 'amount',
  isWhole: true,
  label,
  unit,
  ...more,
})

const fraction = (...of: Parameters<typeof whole>): Amount => ({ ...whole(...of), isWhole: false })

const aDay = 86_400

const seconds: End = { type: 'end', label: 'Lasts:', flag: 'fault-seconds' }

const path: Words = {
  type: 'words',
  label: 'Paths that begin with',
  pattern: /^\/\S{0,1023}$/,
  problem: 'a path that begins with a slash',
  usual: '/',
  flag: 'fault-path',
}

const probes: Tick = {
  type: 'tick',
  label: 'Probes too',
  hint: 'liveness and readiness, which are spared otherwise',
  flag: 'fault-probes',
}

const share = fraction('Share of requests', '%', {
  min: 0,
  max: 1,
  scale: 100,
  initial: '100',
  usual: '100',
})

const afterSeconds = whole('After', 's', {
  hint: '0 is now',
  min: 0,
  max: aDay,
  initial: '0',
  usual: '0',
})

const when = ({ afterSeconds }: Settings): string =>
  afterSeconds === '0' ? 'At once' : `After ${String(afterSeconds)} s`

function crashWords(settings: Settings): string {
  const { afterRequests, signal, code } = settings
  const start = afterRequests === '' ? when(settings) : `After ${String(afterRequests)} requests`
  const how = signal === 'none' ? `exits with code ${String(code)}` : `ends by ${String(signal)}`
  return `${start} the process ${how}; the kubelet starts the container again.`
}

/** By kind, so that none is left out. */
export const faultForms: { readonly [Kind in FaultKind]: FormOf<Kind> } = {
  error: {
    kind: 'error',
    name: 'Errors',
    group: 'requests',
    teaches:
      'Clients and proxies see them, and may try again; with probes too, readiness takes the pod out of its Service.',
    fields: {
      share: { ...share, initial: '30', flag: 'fault-error-share', flagUsual: '0' },
      status: whole('Status', '', {
        min: 400,
        max: 599,
        initial: '503',
        usual: '503',
        flag: 'fault-error-status',
      }),
      retryAfter: whole('Retry-After', 's', {
        hint: 'empty is no such header',
        min: 0,
        max: aDay,
        initial: '',
        usual: '',
        flag: 'fault-error-retry-after',
      }),
      path,
      probes,
      seconds,
    },
  },
  delay: {
    kind: 'delay',
    name: 'Delay',
    group: 'requests',
    teaches:
      'Clients see latency, then time-outs; with probes too, each that takes longer than its timeoutSeconds has failed.',
    fields: {
      ms: whole('Delay', 'ms', { min: 1, max: 600_000, initial: '500', flag: 'fault-delay-ms' }),
      p99Ms: whole('One in a hundred at least', 'ms', {
        hint: 'the delay is the median then; empty is all alike',
        min: 1,
        max: 600_000,
        initial: '',
        usual: '',
        flag: 'fault-delay-p99-ms',
      }),
      share: { ...share, flag: 'fault-delay-share' },
      path,
      probes,
      seconds,
    },
  },
  cut: {
    kind: 'cut',
    name: 'Cut connections',
    group: 'requests',
    teaches:
      'Clients see resets and half answers; a proxy tries elsewhere, and Kubernetes notices only through probes.',
    fields: {
      share: { ...share, initial: '30', flag: 'fault-cut-share', flagUsual: '0' },
      path,
      at: {
        type: 'choice',
        label: 'At the answer’s head',
        choices: ['before', 'within', 'after'],
        flag: 'fault-cut-at',
      },
      reset: {
        type: 'tick',
        label: 'By a reset (RST)',
        hint: 'not by an orderly end (FIN)',
        flag: 'fault-cut-reset',
      },
      probes,
      seconds,
    },
  },
  'slow-body': {
    kind: 'slow-body',
    name: 'Slow bodies',
    group: 'requests',
    teaches:
      'The head of an answer comes at once and its body trickles: a time-out for the first byte doesn’t notice.',
    fields: {
      bytesPerSecond: whole('Speed', 'bytes/s', {
        min: 1,
        max: 2 ** 30,
        initial: '100',
        flag: 'fault-slow-body',
      }),
      share,
      path,
      probes,
      seconds,
    },
  },
  'request-cpu': {
    kind: 'request-cpu',
    name: 'CPU for each request',
    group: 'requests',
    teaches: 'The load is shared by replicas, so a HorizontalPodAutoscaler adds pods until there are enough.',
    fields: {
      ms: whole('CPU time', 'ms', { min: 1, max: 60_000, initial: '20', flag: 'fault-request-cpu-ms' }),
      share,
      path,
      probes,
      seconds,
    },
  },
  crash: {
    kind: 'crash',
    name: 'Crash',
    group: 'process',
    teaches:
      'The kubelet starts the container again, later each time (CrashLoopBackOff); until then connections are refused.',
    fields: {
      afterSeconds: { ...afterSeconds, flag: 'fault-crash-after' },
      afterRequests: whole('After so many requests', '', {
        hint: 'instead of seconds; empty is none',
        min: 1,
        max: 1e9,
        initial: '',
        usual: '',
        flag: 'fault-crash-after-requests',
      }),
      code: whole('Exit code', '', {
        min: 0,
        max: 255,
        initial: '1',
        usual: '1',
        flag: 'fault-crash-code',
      }),
      signal: {
        type: 'choice',
        label: 'By a signal instead',
        choices: ['none', 'SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGTERM'],
        flag: 'fault-crash-signal',
      },
    },
    flagAfter: 'fault-crash-after',
    warning: crashWords,
  },
  deadlock: {
    kind: 'deadlock',
    name: 'Deadlock',
    group: 'process',
    teaches:
      'Nothing is answered and nothing ends: readiness takes the pod out of its Service, and only liveness has it started again.',
    fields: {
      afterSeconds: { ...afterSeconds, flag: 'fault-deadlock-after' },
      seconds: whole('For', 's', { min: 1, max: 3600, initial: '120', flag: 'fault-deadlock-for' }),
    },
    flagAfter: 'fault-deadlock-after',
    warning: (settings) =>
      `${when(settings)} nothing is answered for ${String(settings.seconds)} s, nor can this be taken back then.`,
  },
  cpu: {
    kind: 'cpu',
    name: 'CPU',
    group: 'process',
    teaches:
      'With a limit the container is throttled, and answers late; without one, its neighbours on the node feel it.',
    fields: {
      cores: fraction('Cores', '', { min: 0.01, max: 256, initial: '0.5', flag: 'fault-cpu' }),
      seconds,
    },
  },
  leak: {
    kind: 'leak',
    name: 'Memory leak',
    group: 'process',
    teaches:
      'At the limit the kernel kills the process (OOMKilled), and the kubelet starts the container again.',
    fields: {
      mibPerSecond: fraction('Rate', 'MiB/s', {
        min: 0.1,
        max: 4096,
        initial: '10',
        flag: 'fault-leak-mib',
      }),
      seconds,
    },
    warning: (settings) =>
      `It takes ${String(settings.mibPerSecond)} MiB more each second: at the container’s limit the kernel kills the process; without one, the node runs out of memory.`,
  },
  disk: {
    kind: 'disk',
    name: 'Full disk',
    group: 'process',
    teaches:
      'A full volume refuses what is written. The file has no name, so df counts it and a sizeLimit on the node’s disk does not.',
    fields: {
      mib: whole('Space', 'MiB', { min: 1, max: 2 ** 20, initial: '100', flag: 'fault-disk-mib' }),
      folder: {
        type: 'words',
        label: 'Below the folder',
        pattern: /^.{1,4096}$/,
        problem: 'a folder, such as /tmp',
        usual: '/tmp',
        flag: 'fault-disk-folder',
      },
      seconds,
    },
    warning: (settings) =>
      `It writes ${String(settings.mib)} MiB below ${String(settings.folder)}, and gives them back at its end: others who write to the same disk may find it full, and a node that runs out of space evicts pods.`,
  },
  'open-files': {
    kind: 'open-files',
    name: 'Open files',
    group: 'process',
    teaches:
      'At the process’s limit 16 descriptors are left: more connections than these are reset, those of probes too, while the node looks well.',
    fields: {
      count: whole('Files', '', { min: 1, max: 1_000_000, initial: '1000', flag: 'fault-open-files' }),
      seconds,
    },
  },
  sockets: {
    kind: 'sockets',
    name: 'Open sockets',
    group: 'process',
    teaches:
      'As by a pool of connections that leaks: they take descriptors and ports, and nothing in Kubernetes counts them.',
    fields: {
      count: whole('Sockets', '', { min: 1, max: 1_000_000, initial: '1000', flag: 'fault-sockets' }),
      seconds,
    },
  },
  'ignore-sigterm': {
    kind: 'ignore-sigterm',
    name: 'Ignored SIGTERM',
    group: 'process',
    teaches:
      'Each pod that is to end takes its whole terminationGracePeriodSeconds, preStop included, until SIGKILL.',
    fields: { seconds },
    flag: 'fault-ignore-sigterm',
    warning: () =>
      'When the pod is to end, nothing happens until terminationGracePeriodSeconds are over; then SIGKILL breaks the requests in flight.',
  },
  'log-flood': {
    kind: 'log-flood',
    name: 'Log flood',
    group: 'process',
    teaches:
      'The kubelet rotates the log at its containerLogMaxSize, and kubectl logs shows only what is left.',
    fields: {
      linesPerSecond: whole('Rate', 'lines/s', {
        min: 1,
        max: 100_000,
        initial: '1000',
        flag: 'fault-log-lines',
      }),
      seconds,
    },
  },
}

/** @param kind as the server names it, which may know more of them than this page */
export const nameOf = (kind: string): string =>
  Object.values<FaultForm>(faultForms).find((form) => form.kind === kind)?.name ?? kind
