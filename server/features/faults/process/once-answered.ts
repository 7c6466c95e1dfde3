/** Who asks for what keeps the process from answering has to be answered first. */

/** How long the answer may take to leave, in milliseconds. */
const answeredMs = 100

/**
 * Does it after some seconds, but not before the request of now is answered.
 * @param seconds 0 or more
 */
export const onceAnswered = (seconds: number, act: () => void): NodeJS.Timeout =>
  setTimeout(act, Math.max(seconds * 1000, answeredMs))
