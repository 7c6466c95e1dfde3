/** Spans of time in words, to the unit that people would use. */

/**
 * @param milliseconds how long
 * @param relation what the span is to now: `5 minutes ago`, `1 second left`
 * @returns the words; under a second, `now`
 */
export function relativeTime(milliseconds: number, relation: 'ago' | 'left' | 'overdue'): string {
  const seconds = Math.floor(milliseconds / 1000)
  if (seconds < 1) return 'now'
  const [count, unit] =
    seconds < 60
      ? [seconds, 'second']
      : seconds < 3600
        ? [Math.floor(seconds / 60), 'minute']
        : seconds < 86400
          ? [Math.floor(seconds / 3600), 'hour']
          : [Math.floor(seconds / 86400), 'day']
  return `${count} ${unit}${count === 1 ? '' : 's'} ${relation}`
}
