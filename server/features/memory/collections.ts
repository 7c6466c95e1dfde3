/** What the garbage collector has done. */
import { PerformanceObserver, performance } from 'node:perf_hooks'

/** As many as Go keeps. */
const ringSize = 256

/** Counts V8's collections, young and old generation alike. */
export class Collections {
  count = 0
  /** How long they have stopped the program, in milliseconds. */
  pausedMs = 0
  /** When the last one ended, in milliseconds since 1970; 0 before the first. */
  lastEnd = 0
  /** The last ones, number N at (N - 1) % 256: how long each took, and when it ended, in nanoseconds as Go has them. */
  readonly pauses = new Float64Array(ringSize)
  readonly ends = new Float64Array(ringSize)

  /** Begins to count. */
  observe(): void {
    const observer = new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) {
        this.pausedMs += duration
        this.lastEnd = performance.timeOrigin + startTime + duration
        this.pauses[this.count % ringSize] = Math.round(duration * 1e6)
        this.ends[this.count % ringSize] = Math.round(this.lastEnd * 1e6)
        this.count += 1
      }
    })
    observer.observe({ type: 'gc' })
  }
}
