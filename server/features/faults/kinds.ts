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
const ofProcess: Kinds = {}

export const kinds: Kinds = { ...ofRequests, ...ofProcess }

/** The kinds that there are, in their order. */
export const kindNames = Object.keys(kinds) as readonly FaultKind[]

/** The kinds that touch requests. */
export const requestKindNames = Object.keys(ofRequests) as readonly FaultKind[]

/** Whether there is such a kind. */
export const isFaultKind = (name: string): name is FaultKind => Object.hasOwn(kinds, name)
