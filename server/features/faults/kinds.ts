/** Every kind of fault, each in a file of its own that is loaded when the first of it begins: most processes never have one. */
import type { MakeFault } from './action.ts'
import type { FaultKind } from './wire.ts'

type Kinds = { readonly [Kind in FaultKind]?: () => Promise<MakeFault<Kind>> }

/** Those that touch requests, in the order in which they touch one: an error is delayed, a body that is cut isn't sent slowly. */
const ofRequests: Kinds = {
  delay: async () => (await import('./requests/delay.ts')).makeDelay,
  'request-cpu': async () => (await import('./requests/request-cpu.ts')).makeRequestCpu,
  'slow-body': async () => (await import('./requests/slow-body.ts')).makeSlowBody,
  cut: async () => (await import('./requests/cut.ts')).makeCut,
  error: async () => (await import('./requests/error.ts')).makeError,
}

/** Those of the process. */
const ofProcess: Kinds = {
  crash: async () => (await import('./process/crash.ts')).makeCrash,
  deadlock: async () => (await import('./process/deadlock.ts')).makeDeadlock,
  cpu: async () => (await import('./process/cpu.ts')).makeCpu,
  leak: async () => (await import('./process/leak.ts')).makeLeak,
  disk: async () => (await import('./process/disk.ts')).makeDisk,
  'open-files': async () => (await import('./process/open-files.ts')).makeOpenFiles,
  sockets: async () => (await import('./process/sockets.ts')).makeSockets,
  'ignore-sigterm': async () => (await import('./process/ignore-sigterm.ts')).makeIgnoreSigterm,
  'log-flood': async () => (await import('./process/log-flood.ts')).makeLogFlood,
}

export const kinds: Kinds = { ...ofRequests, ...ofProcess }

/** The kinds that there are, in their order. */
export const kindNames = Object.keys(kinds) as readonly FaultKind[]

/** The kinds that touch requests. */
export const requestKindNames = Object.keys(ofRequests) as readonly FaultKind[]

/** Whether there is such a kind. */
export const isFaultKind = (name: string): name is FaultKind => Object.hasOwn(kinds, name)
