/** What the garbage collector has done. */
import { PerformanceObserver, performance } from 'node:perf_hooks'

/** Counts V8's collections, young and old generation alike. */
export class Collections {
  count = 0
  /** How long they have stopped the program, in milliseconds. */
  pausedMs = 0
  /** When the last one ended, in milliseconds since 1970; 0 before the first. */
  lastEnd = 0

  /** Begins to count. */
  observe(): void {
    const observer = new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) {
        this.count += 1
        this.pausedMs += duration
        this.lastEnd = performance.timeOrigin + startTime + duration
      }
    })
    observer.observe({ type: 'gc' })
  }
}
