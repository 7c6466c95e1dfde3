/** The Traffic workload: what it was told, and what came of it. What sends is loaded when the first request is to be sent. */
import type { Log } from '../../log/log.ts'
import { Changes, type Topic } from '../../state/topic.ts'
import type { Tracing } from '../../tracing/tracing.ts'
import { Replaceable } from '../../workload/workload.ts'
import type { Engine } from './engine.ts'
import type { TrafficRun } from './run.ts'
import type { Totals } from './totals.ts'
import type { TrafficConfig, TrafficProgress, TrafficSeconds, TrafficStatus } from './wire.ts'

const notStarted: TrafficProgress = {
  running: false,
  sent: 0,
  answered: 0,
  failed: 0,
  inFlight: 0,
  of: null,
  secondsLeft: null,
  startedAt: null,
  endedAt: null,
}

/** What came of a run. */
type Results = Pick<TrafficStatus, 'answerers' | 'latency' | 'histogram' | 'failures' | 'counted' | 'last'>

const nothing: Results = {
  answerers: [],
  latency: null,
  histogram: [],
  failures: [],
  counted: [],
  last: { versions: [], marks: '' },
}

/** Requests come at up to 2,000 a second; they are told of once in so many milliseconds. */
const announceMs = 100

/** What Traffic is given, beside its orders. */
export interface TrafficSurroundings {
  readonly log: Log
  /** Undefined where nothing is traced. */
  readonly tracing: Tracing | undefined
  /** Ends the process. */
  readonly exit: (code: number) => void
}

/** One run at a time, replaced when there are new orders. */
export class Traffic {
  /** How far it is, and what came of it. */
  readonly state: Topic
  /** The last five minutes. */
  readonly seconds: Topic
  readonly #workload: Replaceable<TrafficConfig, TrafficRun>
  readonly #secondChanges = new Changes()
  readonly #log: Log
  readonly #tracing: Tracing | undefined
  #engine: Engine | undefined
  #loading: Promise<void> | undefined
  #announcing: NodeJS.Timeout | undefined

  /** @param config the orders that `start` follows */
  constructor(config: TrafficConfig, { log, tracing, exit }: TrafficSurroundings) {
    this.#log = log
    this.#tracing = tracing
    this.#workload = new Replaceable<TrafficConfig, TrafficRun>(config, {
      name: 'Traffic',
      log,
      exit,
      make: (orders, id) => this.#make(orders, id),
      exitCode: ({ maxFailures }, { tally }) => (tally.failed <= maxFailures ? 0 : 1),
    })
    this.state = { snapshot: () => this.status(), subscribe: this.#workload.changes.subscribe }
    this.seconds = {
      snapshot: (): TrafficSeconds => this.#engine?.seconds.snapshot() ?? { seconds: [] },
      subscribe: this.#secondChanges.subscribe,
      entries: { field: 'seconds', key: 'at', read: (at) => this.#engine?.seconds.read(at) },
    }
  }

  /** Whether the process ends, so that nothing may be sent. */
  get draining(): boolean {
    return this.#workload.draining
  }

  /** What all runs so far came to; undefined when nothing has been sent. */
  get totals(): Totals | undefined {
    return this.#engine?.totals
  }

  /** Begins to send, if the orders say so. */
  start(): void {
    if (!this.#workload.orders.enable) return
    this.#load().then(
      () => {
        this.#workload.start()
      },
      (error: unknown) => {
        this.#log.error({ err: error as Error }, 'Traffic could not be started')
      },
    )
  }

  /**
   * Stops the run at once, with what is on its way, and starts another.
   * @returns false when the process ends, so that nothing may be sent
   */
  async replace(config: TrafficConfig): Promise<boolean> {
    // Orders are followed in the order that they came in.
    if (config.enable || this.#loading) await this.#load()
    if (this.draining) return false
    this.#workload.replace(config)
    return true
  }

  /** As Replaceable.drain. */
  async drain(): Promise<number | undefined> {
    const code = await this.#workload.drain()
    clearTimeout(this.#announcing)
    return code
  }

  status(): TrafficStatus {
    const { orders, current, history } = this.#workload
    return {
      config: orders,
      progress: current?.progress() ?? notStarted,
      ...(current ? resultsOf(current) : nothing),
      history: [...history],
    }
  }

  #load(): Promise<void> {
    return (this.#loading ??= this.#loadEngine())
  }

  async #loadEngine(): Promise<void> {
    try {
      const { Engine } = await import('./engine.ts')
      this.#engine = new Engine((at) => {
        this.#secondChanges.announce(at)
      })
    } catch (error) {
      this.#loading = undefined
      throw error
    }
  }

  #make(config: TrafficConfig, id: number): TrafficRun {
    if (!this.#engine) throw new Error('what sends has not been loaded')
    const changed = () => {
      this.#announcing ??= setTimeout(this.#announce, announceMs)
    }
    return this.#engine.make(config, id, { say: this.#workload.say, changed, tracing: this.#tracing })
  }

  readonly #announce = (): void => {
    this.#announcing = undefined
    this.#workload.changes.announce()
  }
}

function resultsOf({ tally }: TrafficRun): Results {
  const { answerers, latencies, histogram, failures, counted, last } = tally
  return { answerers, latency: latencies.latency(), histogram, failures, counted, last }
}
