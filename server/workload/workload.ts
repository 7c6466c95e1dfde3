/** Work that runs by itself, and what is kept of it: its orders, what it has said, and the exit code that it ends the process with. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fieldsOf, type LineTrace, type Log } from '../log/log.ts'
import { Changes } from '../state/topic.ts'

const historyLength = 20

/** How long a stopped workload may take to give back what it holds, in milliseconds. */
const giveBackMs = 2000

/** What a shell says of a process that SIGTERM has ended: 128 and the signal's number. */
const terminatedCode = 143

/** Something that runs until it is complete or stopped. */
export interface Workload {
  readonly isRunning: boolean
  /** Resolves when it is complete, or when it was stopped and has given back what it had taken. */
  run(): Promise<'complete' | 'stopped'>
  /** Ends it at once, while it runs; what is half done is not reported as done. */
  stop(): void
}

/** What every workload is told, beside what it is to do. */
export interface Orders {
  /** Whether it runs at all. */
  readonly enable: boolean
  /** Whether the process exits when it is complete. */
  readonly exitOnComplete: boolean
}

/** A line that was said. */
export interface Line {
  /** Counts from 0. */
  readonly id: number
  readonly line: string
  readonly time: string
}

/** How a kind of workload is made, and where it says what it does. */
export interface Surroundings<Told extends Orders, Work extends Workload> {
  /** For the log, when one fails. */
  readonly name: string
  readonly log: Pick<Log, 'info' | 'error'>
  /** Ends the process. */
  readonly exit: (code: number) => void
  /** Makes the workload that orders ask for. @param id how many there were before */
  readonly make: (orders: Told, id: number) => Work
  /** The exit code of a process that was to exit with a workload that is now complete. */
  readonly exitCode: (orders: Told, work: Work) => number
}

/** One workload at a time, replaced when there are new orders. */
export class Replaceable<Told extends Orders, Work extends Workload> {
  readonly changes = new Changes()
  /** Whether the process ends, so that no workload may start. */
  draining = false
  #orders: Told
  readonly #surroundings: Surroundings<Told, Work>
  readonly #history: Line[] = []
  #linesSaid = 0
  #started = 0
  #current: Work | undefined
  /** The running workload, and stopped ones that still give back what they hold. */
  readonly #runs = new Set<Promise<void>>()

  /** @param orders what `start` follows */
  constructor(orders: Told, surroundings: Surroundings<Told, Work>) {
    this.#orders = orders
    this.#surroundings = surroundings
  }

  get orders(): Told {
    return this.#orders
  }

  /** The one that runs, or ran last. */
  get current(): Work | undefined {
    return this.#current
  }

  /** The last 20 lines, oldest first. */
  get history(): readonly Line[] {
    return this.#history
  }

  /** Logs a line, and keeps it. @param trace which it is a part of */
  readonly say = (line: string, trace?: LineTrace): void => {
    const { log } = this.#surroundings
    if (trace) log.info(fieldsOf(trace), line)
    else log.info(line)
    this.#history.push({ id: this.#linesSaid++, line, time: new Date().toISOString() })
    if (this.#history.length > historyLength) this.#history.shift()
    this.changes.announce()
  }

  /** Starts the workload, if the orders say so. */
  start(): void {
    const orders = this.#orders
    if (!orders.enable || this.draining) return
    this.#current = this.#surroundings.make(orders, this.#started++)
    const run = this.#run(this.#current, orders).finally(() => this.#runs.delete(run))
    this.#runs.add(run)
  }

  /** Stops the running workload at once and starts another. */
  replace(orders: Told): void {
    if (this.#isRunning) this.#current?.stop()
    this.#orders = orders
    this.start()
    this.changes.announce()
  }

  /**
   * Stops the workload at once; resolves when its work is given back, or after two seconds.
   * @returns the exit code of a process that was to exit with its workload, else undefined
   */
  async drain(): Promise<number | undefined> {
    this.draining = true
    const orders = this.#orders
    const unfinished = this.#isRunning
    if (unfinished) this.#current?.stop()
    await Promise.race([Promise.all(this.#runs), sleep(giveBackMs)])
    if (!orders.enable || !orders.exitOnComplete) return undefined
    return unfinished || !this.#current ? terminatedCode : this.#surroundings.exitCode(orders, this.#current)
  }

  get #isRunning(): boolean {
    return this.#current?.isRunning === true
  }

  async #run(work: Work, orders: Told): Promise<void> {
    const { name, log, exit, exitCode } = this.#surroundings
    try {
      const outcome = await work.run()
      if (outcome === 'complete' && orders.exitOnComplete) exit(exitCode(orders, work))
    } catch (error) {
      log.error({ err: error as Error }, `The ${name} workload failed`)
    }
  }
}
