/** The server's clock. Every time in the page is by it: that of the machine with the browser may be another. */

class Clock {
  /** In milliseconds since 1970, a second old at most; state, so that "12 s ago" stays true. */
  now = $state(Date.now())
  /** How far it is ahead of the browser's, in milliseconds. */
  #ahead = 0

  constructor() {
    setInterval(() => {
      this.now = this.at()
    }, 1000)
  }

  /** What it says at a time by the browser's clock, now if left out; both in milliseconds since 1970. */
  at(time = Date.now()): number {
    return time + this.#ahead
  }

  /** Now, or the time of what is younger than the last tick; in milliseconds since 1970. */
  notBefore(time = 0): number {
    return Math.max(this.now, time)
  }

  /**
   * Sets it by what the server says, but for how long that was on its way.
   * @param time in milliseconds since 1970
   * @param received when that came, by the browser's clock
   */
  set(time: number, received: number): void {
    this.#ahead = time - received
    this.now = this.at()
  }
}

export const clock = new Clock()
