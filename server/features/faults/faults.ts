/** The faults of this process: those that are on, one of each kind, and the last that have ended. */
import { Changes } from '../../state/topic.ts'
import type { FaultAction, FaultListener, FaultSurroundings } from './action.ts'
import { kindNames, kinds } from './kinds.ts'
import type { RequestFault } from './requests/touch.ts'
import type { Fault, FaultKind, FaultOrder, FaultsState } from './wire.ts'

const endedLength = 20

/** Why a fault has ended. */
export type EndReason = FaultsState['ended'][number]['why']

/** A fault that is on. */
class Running {
  readonly kind: FaultKind
  readonly action: FaultAction
  /** Whom it tells; no other has the same. */
  readonly listener: FaultListener
  readonly since = new Date()
  readonly until: Date | undefined
  /** Requests that it has touched. */
  touched = 0
  /** Ends it when its time is up. */
  timer: NodeJS.Timeout | undefined

  constructor(kind: FaultKind, action: FaultAction, listener: FaultListener) {
    this.kind = kind
    this.action = action
    this.listener = listener
    const { seconds } = action
    this.until = seconds === 0 ? undefined : new Date(this.since.getTime() + seconds * 1000)
  }

  toJSON(): Fault {
    const { words, order, progress, problem, requests } = this.action
    return {
      kind: this.kind,
      words,
      order,
      since: this.since.toISOString(),
      until: this.until?.toISOString() ?? null,
      touched: requests ? this.touched : null,
      ...(progress === undefined ? {} : { progress }),
      ...(problem === undefined ? {} : { problem }),
    }
  }
}

/** Begins faults and ends them: of each kind one after the other in the order that it is asked to, since an end may take its time. */
export class Faults {
  readonly changes = new Changes()
  readonly #surroundings: FaultSurroundings
  readonly #byQuery: boolean
  readonly #running = new Map<FaultKind, Running>()
  readonly #ended: FaultsState['ended'] = []
  readonly #touchedBefore = new Map<FaultKind, number>()
  #endings = 0
  readonly #turns = new Map<FaultKind, Promise<unknown>>()
  #ofRequests: readonly (readonly [FaultKind, RequestFault])[] = []

  /** @param byQuery whether a request may ask for faults by its query, for the state to say so */
  constructor(byQuery: boolean, surroundings: FaultSurroundings) {
    this.#byQuery = byQuery
    this.#surroundings = surroundings
  }

  /** The faults that touch requests now, in the order in which they do. */
  get ofRequests(): readonly (readonly [FaultKind, RequestFault])[] {
    return this.#ofRequests
  }

  state(): FaultsState {
    return {
      faults: [...this.#running.values()].map((running) => running.toJSON()),
      byQuery: this.#byQuery,
      ended: [...this.#ended],
    }
  }

  /** Whether a fault of this kind is on. */
  isOn(kind: FaultKind): boolean {
    return this.#running.has(kind)
  }

  /** Requests that faults of this kind have touched since the process started. */
  touched(kind: FaultKind): number {
    return (this.#touchedBefore.get(kind) ?? 0) + (this.#running.get(kind)?.touched ?? 0)
  }

  /**
   * Counts a request that a fault of this kind has touched.
   * @param fault the one that is on, or one of the request's own
   */
  countTouched(kind: FaultKind, fault: RequestFault): void {
    const running = this.#running.get(kind)
    if (running?.action.requests === fault) {
      running.touched += 1
      this.changes.announce()
    } else this.#touchedBefore.set(kind, (this.#touchedBefore.get(kind) ?? 0) + 1)
  }

  /**
   * Begins a fault, in place of the one of its kind that is on.
   * @throws BadOrder when the order can't be followed; what was on stays on then
   */
  begin<Kind extends FaultKind>(kind: Kind, order: FaultOrder<Kind>): Promise<void> {
    return this.#inTurn(kind, async () => {
      const load = kinds[kind]
      if (!load) throw new Error(`no fault is named ${kind}`)
      const make = await load()
      await this.#replace(kind, (listener) => make(order, listener, this.#surroundings))
    })
  }

  /** Ends the fault of this kind, if it is on. */
  takeBack(kind: FaultKind): Promise<void> {
    return this.#inTurn(kind, () => this.#endKind(kind, 'taken back'))
  }

  /** Ends all. */
  takeBackAll(): Promise<void> {
    return this.#endAll('taken back')
  }

  /** The process has been told to end: gives back what it holds. What touches requests goes on for as long as these are served. */
  endOfProcess(): Promise<void> {
    return this.#endAll('the process ends', ({ requests }) => !requests)
  }

  /** No further request is served: ends those that touch requests, so that the last ones are answered. */
  endOfServing(): Promise<void> {
    return this.#endAll('the process ends')
  }

  #inTurn(kind: FaultKind, work: () => Promise<void>): Promise<void> {
    const turn = (this.#turns.get(kind) ?? Promise.resolve()).then(work)
    this.#turns.set(
      kind,
      turn.catch(() => undefined),
    )
    return turn
  }

  async #replace(
    kind: FaultKind,
    make: (listener: FaultListener) => FaultAction | Promise<FaultAction>,
  ): Promise<void> {
    const over = (why: EndReason) =>
      void this.#inTurn(kind, async () => {
        const running = this.#running.get(kind)
        if (running?.listener === listener) await this.#end(running, why)
      })
    const changed = () => {
      this.changes.announce()
    }
    const listener: FaultListener = { changed, over }
    const action = await make(listener)
    await this.#endKind(kind, 'replaced')
    await action.begin?.()
    const running = new Running(kind, action, listener)
    const { seconds, words, comesOnce = false } = action
    if (seconds > 0) running.timer = setTimeout(over, seconds * 1000, 'its time was up')
    this.#running.set(kind, running)
    this.#lookForRequests()
    const howLong = seconds > 0 ? `, for ${seconds} s` : ', until it is taken back'
    this.#surroundings.log.info(`Fault ${kind} begins: ${words}${comesOnce ? '' : howLong}`)
    this.changes.announce()
  }

  #lookForRequests(): void {
    this.#ofRequests = kindNames.flatMap((kind) => {
      const requests = this.#running.get(kind)?.action.requests
      return requests ? [[kind, requests] as const] : []
    })
  }

  async #endKind(
    kind: FaultKind,
    why: EndReason,
    isMeant: (action: FaultAction) => boolean = () => true,
  ): Promise<void> {
    const running = this.#running.get(kind)
    if (running && isMeant(running.action)) await this.#end(running, why)
  }

  async #endAll(why: EndReason, isMeant?: (action: FaultAction) => boolean): Promise<void> {
    await Promise.all(kindNames.map((kind) => this.#inTurn(kind, () => this.#endKind(kind, why, isMeant))))
  }

  async #end(running: Running, why: EndReason): Promise<void> {
    const { kind, action, since, touched } = running
    clearTimeout(running.timer)
    this.#running.delete(kind)
    this.#touchedBefore.set(kind, (this.#touchedBefore.get(kind) ?? 0) + touched)
    this.#lookForRequests()
    this.#ended.push({
      id: this.#endings++,
      kind,
      words: action.words,
      since: since.toISOString(),
      at: new Date().toISOString(),
      why,
    })
    if (this.#ended.length > endedLength) this.#ended.shift()
    this.#surroundings.log.info(`Fault ${kind} ended (${why}): ${action.words}`)
    this.changes.announce()
    try {
      await action.end()
    } catch (err) {
      this.#surroundings.log.error({ err }, `Fault ${kind} did not end as it should`)
    }
  }
}
