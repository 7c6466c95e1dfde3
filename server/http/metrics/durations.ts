/** How long the answers of one series took: counted in typed arrays, since it is on the path of every request. */
import type { Span } from '../../tracing/tracing.ts'
import {
  cellOf,
  classicBucketOf,
  classicCounts,
  emptyCells,
  nativeCounts,
  type NativeBuckets,
} from './cells.ts'

/** A request that stands for the others of its bucket, by the trace that it is a part of. */
export interface Exemplar {
  readonly traceId: string
  readonly spanId: string
  readonly seconds: number
  /** When it was counted, in milliseconds since 1970. */
  readonly time: number
}

/** The times of one series, in seconds. */
export class Durations {
  readonly #cells = emptyCells()
  #seconds = 0
  /** The last one of each classic bucket; none where nothing is traced. */
  #exemplars: Exemplar[] | undefined

  /** @param span of the request, which is kept if it will be sent */
  observe(seconds: number, span: Span | undefined): void {
    const cell = cellOf(seconds)
    this.#cells[cell] = (this.#cells[cell] ?? 0) + 1
    this.#seconds += seconds
    if (span?.isSampled === true) this.#keep(span, seconds)
  }

  /** What they took together. */
  get seconds(): number {
    return this.#seconds
  }

  /** How many fell into each classic bucket alone. */
  get classic(): readonly number[] {
    return classicCounts(this.#cells)
  }

  /** How many fell into each native bucket. */
  get native(): NativeBuckets {
    return nativeCounts(this.#cells)
  }

  /** By classic bucket. */
  get exemplars(): readonly (Exemplar | undefined)[] {
    return this.#exemplars ?? []
  }

  /** Those of several series together. */
  static sum(all: readonly Durations[]): Durations {
    const [first = new Durations(), ...others] = all
    if (others.length === 0) return first
    const sum = new Durations()
    for (const each of all) sum.#add(each)
    return sum
  }

  #add(other: Durations): void {
    for (const [cell, count] of other.#cells.entries()) this.#cells[cell] = (this.#cells[cell] ?? 0) + count
    this.#seconds += other.#seconds
    other.#exemplars?.forEach((exemplar, bucket) => {
      const kept = (this.#exemplars ??= [])
      if ((kept[bucket]?.time ?? 0) <= exemplar.time) kept[bucket] = exemplar
    })
  }

  #keep({ traceId, spanId }: Span, seconds: number): void {
    const exemplars = (this.#exemplars ??= [])
    exemplars[classicBucketOf(seconds)] = { traceId, spanId, seconds, time: Date.now() }
  }
}
