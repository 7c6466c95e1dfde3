/** What a run says in the log, and what each of its seconds came to. */
import { Latencies } from './latencies.ts'
import type { Outcome } from './sender.ts'
import type { TrafficConfig, TrafficProgress, TrafficSecond } from './wire.ts'

/** Lines for failures in a second; more are counted. */
const mostFailureLines = 10

/** Speaks for one run. */
export class Report {
  readonly #config: TrafficConfig
  readonly #say: (line: string) => void
  readonly #latencies = new Latencies()
  #versions = new Map<string, number>()
  #failures = new Map<string, number>()
  #failureLines = 0

  /** @param name begins each line */
  constructor(name: string, config: TrafficConfig, say: (line: string) => void) {
    this.#config = config
    this.#say = (line) => {
      say(`${name} ${line}`)
    }
  }

  begin(): void {
    const { rate, method, url, connections } = this.#config
    const how = connections === 'new' ? 'each on a new connection' : 'on kept connections'
    this.#say(`Sending ${rate} requests a second, ${how}: ${method} ${url}`)
  }

  /** @param version that an answer counts under @param latency in milliseconds */
  count({ reason, answerer }: Outcome, version: string, latency: number): void {
    if (answerer) this.#latencies.record(latency)
    if (!reason) {
      increment(this.#versions, version)
      return
    }
    increment(this.#failures, reason.kind)
    if (this.#config.log !== 'failures' || (this.#failureLines += 1) > mostFailureLines) return
    const from = answerer ? ` from ${answerer.name}` : ''
    this.#say(`Failed after ${inMs(latency)}: ${reason.words}${from}`)
  }

  /**
   * Ends a second.
   * @param sent requests that were due in it
   * @returns what it came to; undefined if nothing happened
   */
  closeSecond(sent: number): Omit<TrafficSecond, 'at'> | undefined {
    const [versions, failures, latency] = [this.#versions, this.#failures, this.#latencies.latency()]
    const more = this.#failureLines - mostFailureLines
    if (more > 0) this.#say(`and ${more} more failed`)
    this.#failureLines = 0
    if (sent + versions.size + failures.size === 0) return undefined
    const second = {
      sent,
      versions: Object.fromEntries(versions),
      failures: Object.fromEntries(failures),
      latency,
    }
    if (this.#config.log === 'seconds') this.#say(lineOf(second))
    this.#versions = new Map()
    this.#failures = new Map()
    this.#latencies.clear()
    return second
  }

  end(outcome: 'complete' | 'stopped', { sent, answered, failed }: TrafficProgress): void {
    const how = outcome === 'complete' ? 'Complete' : 'Stopped'
    this.#say(`${how}: ${sent} sent, ${answered} answered, ${failed} failed`)
  }
}

const increment = (counts: Map<string, number>, key: string): unknown =>
  counts.set(key, (counts.get(key) ?? 0) + 1)

function lineOf({ sent, versions, failures, latency }: Omit<TrafficSecond, 'at'>): string {
  const sumOf = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((sum, count) => sum + count, 0)
  const kinds = Object.entries(failures).map(([kind, count]) => `${count} ${kind}`)
  const failed = `${sumOf(failures)} failed${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}`
  const times = latency ? `; p50 ${inMs(latency.p50)}, p99 ${inMs(latency.p99)}` : ''
  const named = Object.entries(versions).map(([version, count]) => `${version || 'no version'} ${count}`)
  const by = named.length > 0 ? `; ${named.join(', ')}` : ''
  return `${sent} sent, ${sumOf(versions)} answered, ${failed}${times}${by}`
}

const inMs = (ms: number): string => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
