/** How long a message has been in its queue. */

/**
 * @param since when it was enqueued, if there is one
 * @param now in milliseconds since 1970
 * @returns 0 without a message, and for one from the future, as where those who share a store have other clocks
 */
export const ageSeconds = (since: string | undefined, now: number): number =>
  since === undefined ? 0 : Math.max(0, (now - Date.parse(since)) / 1000)
