/** What a kind of fault is to the others: how it begins, what it says of itself, and how it ends. */
import type { Log } from '../../log/log.ts'
import type { RequestFault } from './requests/touch.ts'
import type { FaultKind, FaultOrder } from './wire.ts'

/** A fault that is on. */
export interface FaultAction {
  /** What it does, such as `answers 30 % of requests with 503`. */
  readonly words: string
  /** As it was given, with its defaults. */
  readonly order: Readonly<Record<string, unknown>>
  /** Until it ends by itself, in seconds; 0 is until it is taken back. */
  readonly seconds: number
  /** How far it has come, such as `512 MiB taken`. */
  readonly progress?: string | undefined
  /** Why it does less than it was told. */
  readonly problem?: string | undefined
  /** What it does to requests, if anything. */
  readonly requests?: RequestFault
  /** Whether it comes once, when its words say so. */
  readonly comesOnce?: boolean
  /** Begins its own work, once the fault of its kind that was on before has ended. */
  begin?(): void | Promise<void>
  /** Ends it and gives back all that it holds; called once. */
  end(): void | Promise<void>
}

/** What a fault is given, beside its order. */
export interface FaultSurroundings {
  readonly log: Log
  /** Ends the process by a code, its log written first. */
  readonly exit: (code: number) => void
  /** Ends the process by a signal, its log written first. */
  readonly dieBy: (signal: NodeJS.Signals) => void
  /** Says whether SIGTERM is to have no effect. */
  readonly ignoreSigterm: (isIgnored: boolean) => void
}

/** Whom a fault tells how it goes. */
export interface FaultListener {
  /** Its progress is another, or its problem. */
  readonly changed: () => void
  /** It is over before it was ended by anyone else; `end` is called next. */
  readonly over: (why: 'it failed' | 'it was done') => void
}

/**
 * Makes a fault of an order, without beginning it yet.
 * @throws BadOrder when the order can't be followed
 */
export type MakeFault<Kind extends FaultKind> = (
  order: FaultOrder<Kind>,
  listener: FaultListener,
  surroundings: FaultSurroundings,
) => FaultAction | Promise<FaultAction>

/** An order that its schema allows and that can't be followed all the same; the message says why. */
export class BadOrder extends Error {
  override name = 'BadOrder'
}
