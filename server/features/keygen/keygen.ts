/** The KeyGen workload: what it was told, the one that runs, and what it has said. */
import type { Log } from '../../log/log.ts'
import type { Changes } from '../../state/topic.ts'
import type { Tracing } from '../../tracing/tracing.ts'
import { Replaceable } from '../../workload/workload.ts'
import { KeySlots } from './key-slots.ts'
import { QueueConsumer } from './queue-consumer.ts'
import type { KeyGenConfig, KeyGenProgress, KeyGenStatus } from './wire.ts'
import { LimitedWorkload, type KeyWorkload, type Tools } from './workload.ts'

const notStarted: KeyGenProgress = { running: false, done: 0, of: null, secondsLeft: null, startedAt: null }

/** What KeyGen is given, beside its orders. */
export interface KeyGenSurroundings {
  /** Keys made side by side, by all workloads together. */
  readonly workers: number
  readonly log: Log
  readonly tracing: Tracing | undefined
  /** Ends the process. */
  readonly exit: (code: number) => void
}

/** One workload at a time, replaced when there are new orders. */
export class KeyGen {
  /** Items done, by all workloads so far. */
  itemsDone = 0
  readonly #tools: Tools
  readonly #workload: Replaceable<KeyGenConfig, KeyWorkload>

  /** @param config the orders that `start` follows */
  constructor(config: KeyGenConfig, { workers, log, tracing, exit }: KeyGenSurroundings) {
    this.#workload = new Replaceable<KeyGenConfig, KeyWorkload>(config, {
      name: 'KeyGen',
      log,
      exit,
      make: (orders, id) => this.#make(orders, id),
      exitCode: ({ exitCode }) => exitCode,
    })
    const { say } = this.#workload
    const itemDone: Tools['itemDone'] = (line, trace) => {
      this.itemsDone += 1
      say(line, trace)
    }
    this.#tools = { slots: new KeySlots(workers), tracing, say, itemDone }
  }

  get changes(): Changes {
    return this.#workload.changes
  }

  /** Whether the process ends, so that no workload may start. */
  get draining(): boolean {
    return this.#workload.draining
  }

  /** Starts the workload, if the orders say so. */
  start(): void {
    this.#workload.start()
  }

  /** Stops the running workload at once and starts another. */
  replace(config: KeyGenConfig): void {
    this.#workload.replace(config)
  }

  /** As Replaceable.drain. */
  drain(): Promise<number | undefined> {
    return this.#workload.drain()
  }

  /** Resolves when no key is in the making. */
  idle(): Promise<void> {
    return this.#tools.slots.idle()
  }

  status(): KeyGenStatus {
    const { orders, current, history } = this.#workload
    return {
      config: orders,
      progress: current?.progress() ?? notStarted,
      history: history.map(({ id, line, time }) => ({ id, data: line, time })),
    }
  }

  #make(config: KeyGenConfig, id: number): KeyWorkload {
    const takesFromQueue = config.memQServer !== '' && config.memQQueue !== ''
    return takesFromQueue
      ? new QueueConsumer(config, this.#tools)
      : new LimitedWorkload(id, config, this.#tools)
  }
}
