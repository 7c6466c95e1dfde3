/** One run of traffic: sends each request when it is due, and counts what comes of it. */
import type { Tracing } from '../../tracing/tracing.ts'
import type { Workload } from '../../workload/workload.ts'
import { Report } from './report.ts'
import type { Seconds } from './seconds.ts'
import { Sender, type Outcome, type Sending } from './sender.ts'
import { Tally } from './tally.ts'
import type { Totals } from './totals.ts'
import type { TrafficConfig, TrafficProgress } from './wire.ts'

/** What a run is given, beside its orders. */
export interface Tools {
  /** Logs a line. */
  readonly say: (line: string) => void
  /** Tells that something has been sent or has ended. */
  readonly changed: () => void
  readonly seconds: Seconds
  readonly totals: Totals
  /** Undefined where nothing is traced. */
  readonly tracing: Tracing | undefined
}

/** What a timer waits: not less than it is to, and not less than it can. @param ms perhaps of what is over */
const wait = (ms: number): number => Math.max(1, Math.ceil(ms))

/** A timer that is later than this, in milliseconds, says that this process stood still. */
const standstillMs = 100

/** A request on its way. */
interface Flight {
  /** From when it counts, by performance.now(). */
  readonly since: number
  /** When it has failed. */
  until: number
  readonly sending: Sending
}

/**
 * Request i is due i / rate seconds after the start, whatever became of those before it; there is no queue, but the number of the next.
 *
 * Its latency and its time limit count from when it was due if it had to wait for one that was on its way, which is the server's
 * doing: a server that stalls would else be asked less and look better (coordinated omission, https://www.youtube.com/watch?v=lJ8ydIuPFeU).
 * They count from when it was sent if one more could have been on its way all the time since it was due: then it was this process's
 * timer, which has a granularity of a millisecond, that was late.
 */
export class TrafficRun implements Workload {
  readonly tally = new Tally()
  readonly #config: TrafficConfig
  readonly #tools: Tools
  readonly #sender: Sender
  readonly #report: Report
  /** When the first request is due, by performance.now(). */
  readonly #start = performance.now()
  readonly #startedAt = new Date()
  /** Requests of the whole run; Infinity without a limit. */
  readonly #total: number
  readonly #done = Promise.withResolvers<'complete' | 'stopped'>()
  readonly #flights = new Set<Flight>()
  #next = 0
  /** The second that isn't over, counted from 0. */
  #second = 0
  /** Until when as many were on their way as may be. */
  #fullUntil = -Infinity
  /** When this process last looked for what is due with a place free: what was due before is late by its own doing. */
  #readyAt = -Infinity
  #endedAt: Date | undefined
  #wake: NodeJS.Timeout | undefined
  #wakeAt = Infinity
  #expiry: NodeJS.Timeout | undefined
  #expiresAt = Infinity
  #tick: NodeJS.Timeout | undefined

  /** @param id its number, for its lines */
  constructor(id: number, config: TrafficConfig, tools: Tools) {
    this.#config = config
    this.#tools = tools
    this.#sender = new Sender(config, tools.tracing)
    this.#report = new Report(`(Traffic ${id})`, config, tools.say)
    const { numToSend, timeToRun, rate } = config
    // What is due before the time is up; a product such as 30 * 0.1 is a little more than it should be.
    const inTime = timeToRun === 0 ? Infinity : Math.ceil(timeToRun * rate - 1e-6)
    this.#total = Math.min(numToSend || Infinity, inTime)
  }

  get isRunning(): boolean {
    return this.#endedAt === undefined
  }

  run(): Promise<'complete' | 'stopped'> {
    this.#report.begin()
    this.#awaitSecond()
    this.#sendDue()
    return this.#done.promise
  }

  stop(): void {
    for (const { sending } of this.#flights) sending.cancel('stopped')
    this.#flights.clear()
    this.#end('stopped')
  }

  progress(): TrafficProgress {
    const { numToSend, timeToRun } = this.#config
    const left = timeToRun - this.#secondsGone
    return {
      running: this.isRunning,
      sent: this.#next,
      answered: this.tally.answered,
      failed: this.tally.failed,
      inFlight: this.#flights.size,
      of: numToSend || null,
      secondsLeft: timeToRun === 0 || !this.isRunning ? null : Math.max(0, Math.ceil(left)),
      startedAt: this.#startedAt.toISOString(),
      endedAt: this.#endedAt?.toISOString() ?? null,
    }
  }

  #dueAt(index: number): number {
    return this.#start + (index * 1000) / this.#config.rate
  }

  /** From when a request counts that has waited for a place. */
  #waitsSince(index: number): number {
    return Math.max(this.#dueAt(index), this.#readyAt)
  }

  get #isFull(): boolean {
    return this.#flights.size >= this.#config.concurrency
  }

  #sendDue(): void {
    const { timeoutMs } = this.#config
    const now = performance.now()
    // Answers are read before timers, by which a process that stood still learns of it.
    if (now - this.#wakeAt > standstillMs) this.#readyAt = now
    for (; this.#next < this.#total; this.#next += 1) {
      const due = this.#dueAt(this.#next)
      if (due > now) break
      const hasWaited = this.#isFull || due <= this.#fullUntil
      const since = this.#waitsSince(this.#next)
      if (hasWaited && since + timeoutMs <= now) this.#miss()
      else if (this.#isFull) break
      else this.#send(hasWaited ? since : now, now)
    }
    if (this.#next < this.#total)
      this.#wakeUpAt(this.#isFull ? this.#waitsSince(this.#next) + timeoutMs : this.#dueAt(this.#next), now)
    else if (this.#flights.size === 0) this.#end('complete')
  }

  /** A timer that is due earlier is left as it is. */
  #wakeUpAt(time: number, now: number): void {
    if (this.#wakeAt <= time) return
    clearTimeout(this.#wake)
    this.#wakeAt = time
    this.#wake = setTimeout(this.#wakeUp, wait(time - now))
  }

  readonly #wakeUp = (): void => {
    const now = performance.now()
    if (!this.#isFull || now - this.#wakeAt > standstillMs) this.#readyAt = now
    this.#wakeAt = Infinity
    this.#sendDue()
  }

  #send(since: number, now: number): void {
    const flight: Flight = {
      since,
      until: since + this.#config.timeoutMs,
      sending: this.#sender.send((outcome, at) => {
        this.#land(flight, outcome, at)
      }),
    }
    this.#flights.add(flight)
    this.#tools.changed()
    if (!this.#expiry) this.#expireAt(flight.until, now)
  }

  #expireAt(time: number, now: number): void {
    this.#expiresAt = time
    this.#expiry = setTimeout(this.#expireLate, wait(time - now))
  }

  #land(flight: Flight, outcome: Outcome, now: number): void {
    const wasFull = this.#isFull
    if (wasFull) this.#fullUntil = now
    this.#flights.delete(flight)
    this.#count(outcome, now - flight.since)
    if (wasFull || this.#next >= this.#total) this.#sendDue()
  }

  /** For those that have waited for a place so long that they have failed. */
  #miss(): void {
    const { timeoutMs, concurrency } = this.#config
    const words = `was due and could not be sent within ${timeoutMs} ms: all ${concurrency} were waiting for answers`
    this.#count({ reason: { kind: 'timed out', words }, answerer: undefined, counted: undefined }, timeoutMs)
  }

  #count(outcome: Outcome, latency: number): void {
    const version = this.tally.count(outcome, latency)
    this.#report.count(outcome, version, latency)
    this.#tools.totals.count(outcome, latency)
    this.#tools.changed()
  }

  /**
   * Where this process stood still, what was on its way has that time yet, for it may have been connected and asked nothing. Answers that
   * came meanwhile are read first.
   */
  readonly #expireLate = (): void => {
    const late = performance.now() - this.#expiresAt
    if (late > standstillMs) for (const flight of this.#flights) flight.until += late
    setImmediate(this.#expire)
  }

  /** They are in the order that they were sent in, and all have the same time limit. */
  readonly #expire = (): void => {
    const now = performance.now()
    for (const flight of this.#flights) {
      if (flight.until > now) break
      const words = `no ${flight.sending.waitsFor} within ${this.#config.timeoutMs} ms`
      flight.sending.cancel('timed out')
      this.#land(
        flight,
        { reason: { kind: 'timed out', words }, answerer: undefined, counted: undefined },
        now,
      )
    }
    const [oldest] = this.#flights
    this.#expiry = undefined
    if (oldest) this.#expireAt(oldest.until, performance.now())
  }

  /** Ends the second when it is over, and begins the next. */
  #awaitSecond(): void {
    const left = this.#start + (this.#second + 1) * 1000 - performance.now()
    this.#tick = setTimeout(() => {
      this.#closeSecond(this.#dueBefore(this.#second + 1))
      // A process that was stopped for a while has nothing to say of the seconds between.
      this.#second = Math.max(this.#second + 1, Math.floor(this.#secondsGone))
      this.#awaitSecond()
    }, wait(left))
  }

  get #secondsGone(): number {
    return (performance.now() - this.#start) / 1000
  }

  #dueBefore(second: number): number {
    return Math.min(this.#total, Math.ceil(second * this.#config.rate - 1e-6))
  }

  /** @param before the first request that isn't due in it */
  #closeSecond(before: number): void {
    const sent = Math.max(0, before - this.#dueBefore(this.#second))
    const told = this.#report.closeSecond(sent)
    if (told) this.#tools.seconds.add(told, (this.#secondsGone - this.#second) * 1000)
  }

  #end(outcome: 'complete' | 'stopped'): void {
    if (!this.isRunning) return
    this.#endedAt = new Date()
    for (const timer of [this.#wake, this.#expiry, this.#tick]) clearTimeout(timer)
    this.#sender.close()
    // It may be over for a moment, with a timer that is still to say so.
    this.#closeSecond(this.#next)
    this.#report.end(outcome, this.progress())
    this.#tools.changed()
    this.#done.resolve(outcome)
  }
}
