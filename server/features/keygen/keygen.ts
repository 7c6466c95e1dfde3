/** The KeyGen workload: what it was told, the one that runs, and what it has said. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Changes } from '../../state/topic.ts'
import type { Log } from '../../log/log.ts'
import { KeySlots } from './key-slots.ts'
import { QueueConsumer } from './queue-consumer.ts'
import type { KeyGenConfig, KeyGenProgress, KeyGenStatus } from './wire.ts'
import { LimitedWorkload, type Tools, type Workload } from './workload.ts'

const historyLength = 20

/** How long a stopped workload may take to give back what it holds, in milliseconds. */
const giveBackMs = 2000

/** What a shell says of a process that SIGTERM has ended: 128 and the signal's number. */
const terminatedCode = 143

const notStarted: KeyGenProgress = { running: false, done: 0, of: null, secondsLeft: null, startedAt: null }

/** What KeyGen is given, beside its orders. */
export interface KeyGenSurroundings {
  /** Keys made side by side, by all workloads together. */
  readonly workers: number
  readonly log: Log
  /** Ends the process. */
  readonly exit: (code: number) => void
}

/** One workload at a time, replaced when there are new orders. */
export class KeyGen {
  readonly changes = new Changes()
  /** Items done, by all workloads so far. */
  itemsDone = 0
  /** Whether the process ends, so that no workload may start. */
  draining = false
  #config: KeyGenConfig
  readonly #log: Log
  readonly #exit: (code: number) => void
  readonly #tools: Tools
  readonly #history: KeyGenStatus['history'] = []
  #linesSaid = 0
  #workloadsStarted = 0
  #workload: Workload | undefined
  /** The running workload, and stopped ones that still give back what they hold. */
  readonly #runs = new Set<Promise<void>>()

  /** @param config the orders that `start` follows */
  constructor(config: KeyGenConfig, { workers, log, exit }: KeyGenSurroundings) {
    this.#config = config
    this.#log = log
    this.#exit = exit
    const say = (line: string) => {
      log.info(line)
      this.#history.push({ id: this.#linesSaid++, data: line, time: new Date().toISOString() })
      if (this.#history.length > historyLength) this.#history.shift()
      this.changes.announce()
    }
    const itemDone = (line: string) => {
      this.itemsDone += 1
      say(line)
    }
    this.#tools = { slots: new KeySlots(workers), say, itemDone }
  }

  /** Starts the workload, if the orders say so. */
  start(): void {
    const config = this.#config
    if (!config.enable) return
    const id = this.#workloadsStarted++
    const takesFromQueue = config.memQServer !== '' && config.memQQueue !== ''
    this.#workload = takesFromQueue
      ? new QueueConsumer(config, this.#tools)
      : new LimitedWorkload(id, config, this.#tools)
    const run = this.#run(this.#workload, config).finally(() => this.#runs.delete(run))
    this.#runs.add(run)
  }

  /** Stops the running workload at once and starts another. */
  replace(config: KeyGenConfig): void {
    if (this.#isRunning) this.#workload?.stop()
    this.#config = config
    this.start()
    this.changes.announce()
  }

  /**
   * Stops the workload at once; resolves when its work is given back, or after two seconds.
   * @returns the exit code of a process that was to exit with its workload, else undefined
   */
  async drain(): Promise<number | undefined> {
    this.draining = true
    const { enable, exitOnComplete, exitCode } = this.#config
    const unfinished = this.#isRunning
    if (unfinished) this.#workload?.stop()
    await Promise.race([Promise.all(this.#runs), sleep(giveBackMs)])
    if (!enable || !exitOnComplete) return undefined
    return unfinished ? terminatedCode : exitCode
  }

  /** Resolves when no key is in the making. */
  idle(): Promise<void> {
    return this.#tools.slots.idle()
  }

  status(): KeyGenStatus {
    return {
      config: this.#config,
      progress: this.#workload?.progress() ?? notStarted,
      history: [...this.#history],
    }
  }

  get #isRunning(): boolean {
    return this.#workload?.progress().running === true
  }

  async #run(workload: Workload, { exitOnComplete, exitCode }: KeyGenConfig): Promise<void> {
    try {
      const outcome = await workload.run()
      if (outcome === 'complete' && exitOnComplete) this.#exit(exitCode)
    } catch (error) {
      this.#log.error({ err: error as Error }, 'The KeyGen workload failed')
    }
  }
}
