/** What came of the requests of one run: counted, and no more of it kept than is told. */
import { bucketsMs } from './buckets.ts'
import { Latencies } from './latencies.ts'
import type { Outcome } from './sender.ts'
import type { Answerer, Failure, TrafficStatus } from './wire.ts'

const mostAnswerers = 100
const mostFailures = 20
const mostVersions = 26
const mostMarks = 400
/** Values that are told, and those that are counted. */
const toldValues = 20
const mostValues = 1000

/** For those that are too many to be told apart. */
const others = 'others'

type Counts<Entry> = { -readonly [Key in keyof Entry]: Entry[Key] }

/** The counts of one run. */
export class Tally {
  answered = 0
  failed = 0
  readonly latencies = new Latencies()
  readonly #answerers = new Map<string, Counts<Answerer>>()
  /** Those that happened last come last. */
  readonly #failures = new Map<string, Counts<Failure>>()
  readonly #values = new Map<string, number>()
  readonly #versions: string[] = []
  #marks = ''

  /**
   * Counts a request that has ended.
   * @param latency in milliseconds
   * @returns the version that it counts under
   */
  count({ reason, answerer, counted }: Outcome, latency: number): string {
    if (reason) this.failed += 1
    else this.answered += 1
    const now = new Date().toISOString()
    if (reason) this.#countFailure({ ...reason, from: answerer?.name ?? '', count: 1, lastAt: now })
    const version = answerer ? this.#versionOf(answerer.version) : ''
    if (answerer) {
      this.latencies.record(latency)
      this.#countAnswerer(answerer.name, answerer.version, reason !== undefined, now)
    }
    if (counted !== undefined) this.#countValue(counted)
    this.#mark(answerer ? letterOf(this.#versions.indexOf(version), reason !== undefined) : '!')
    return version
  }

  get answerers(): Answerer[] {
    const all = (one: Answerer) => one.answered + one.failed
    return [...this.#answerers.values()].sort((one, other) => all(other) - all(one))
  }

  /** Newest first. */
  get failures(): Failure[] {
    return [...this.#failures.values()].reverse()
  }

  get counted(): TrafficStatus['counted'] {
    const sorted = [...this.#values]
      .filter(([value]) => value !== others)
      .sort(([, one], [, other]) => other - one)
    const told = sorted.slice(0, toldValues).map(([value, count]) => ({ value, count }))
    const uncounted = this.#values.get(others) ?? 0
    const untold = sorted.slice(toldValues).reduce((sum, [, count]) => sum + count, uncounted)
    return untold === 0 ? told : [...told, { value: others, count: untold }]
  }

  get last(): TrafficStatus['last'] {
    return { versions: [...this.#versions], marks: this.#marks.slice(-mostMarks) }
  }

  /** From the first bucket with an answer to the last. */
  get histogram(): TrafficStatus['histogram'] {
    const counts = this.latencies.countsUpTo(bucketsMs)
    const all = bucketsMs.map((upToMs, index) => ({ upToMs, count: counts[index] ?? 0 }))
    const first = all.findIndex(({ count }) => count > 0)
    const last = all.findLastIndex(({ count }) => count > 0)
    return first < 0 ? [] : all.slice(first, last + 1)
  }

  #versionOf(version: string): string {
    if (this.#versions.includes(version)) return version
    const known = this.#versions.length < mostVersions - 1 ? version : others
    if (!this.#versions.includes(known)) this.#versions.push(known)
    return known
  }

  #countAnswerer(name: string, version: string, hasFailed: boolean, lastAt: string): void {
    let key = `${version} ${name}`
    let known = this.#answerers.get(key)
    if (!known && this.#answerers.size >= mostAnswerers) {
      key = others
      known = this.#answerers.get(key)
    }
    known ??= {
      name: key === others ? others : name,
      version: key === others ? '' : version,
      answered: 0,
      failed: 0,
      lastAt,
    }
    this.#answerers.set(key, known)
    if (hasFailed) known.failed += 1
    else known.answered += 1
    known.lastAt = lastAt
  }

  #countFailure(failure: Failure): void {
    const key = `${failure.words} ${failure.from}`
    const before = this.#failures.get(key)?.count ?? 0
    this.#failures.delete(key)
    this.#failures.set(key, { ...failure, count: failure.count + before })
    const [oldest = ''] = this.#failures.keys()
    if (this.#failures.size > mostFailures) this.#failures.delete(oldest)
  }

  #countValue(value: string): void {
    const key = this.#values.has(value) || this.#values.size < mostValues ? value : others
    this.#values.set(key, (this.#values.get(key) ?? 0) + 1)
  }

  #mark(mark: string): void {
    this.#marks += mark
    // Not each time, since what is left is copied.
    if (this.#marks.length > 2 * mostMarks) this.#marks = this.#marks.slice(-mostMarks)
  }
}

/** Small for an answer, capital for one that is a failure. */
const letterOf = (index: number, hasFailed: boolean): string =>
  String.fromCharCode((hasFailed ? 65 : 97) + index)
