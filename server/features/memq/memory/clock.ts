/** The time as a store sees it, so that tests can have it pass. */

/** What runs when its time is over. */
export interface Alarm {
  /** Starts its time anew. */
  refresh(): unknown
  /** Ends it. */
  close(): unknown
}

/** Where a store has its time from. */
export interface Clock {
  /** In milliseconds, from any time on; nobody sets it. */
  readonly now: () => number
  /** In milliseconds since 1970. */
  readonly wall: () => number
  /** The alarm may be late, and keeps no process alive. */
  readonly after: (milliseconds: number, run: () => void) => Alarm
}

/** The process's own. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after: (milliseconds, run) => setTimeout(run, milliseconds).unref(),
}
