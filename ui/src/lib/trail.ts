/** What is kept for plots and strips of what the event stream tells: the last few minutes, and not more than so much. */

/** How far back plots and strips reach, in milliseconds. */
export const spanMs = 5 * 60_000

/** Enough for one each second over the span, and a bound for what comes more often. */
export const maxEntries = 600

/** @param now in milliseconds since 1970, as the entries' times are @param entries oldest first */
export function extended<Entry extends { readonly time: number }>(
  entries: readonly Entry[],
  news: readonly Entry[],
  now: number,
): readonly Entry[] {
  return [...entries.filter(({ time }) => time >= now - spanMs), ...news].slice(-maxEntries)
}
