/** The time as state, so that "12 s ago" stays true. */

class Clock {
  /** In milliseconds since 1970, a second old at most. */
  now = $state(Date.now())

  constructor() {
    setInterval(() => {
      this.now = Date.now()
    }, 1000)
  }
}

export const clock = new Clock()
