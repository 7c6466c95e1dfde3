/** A state of which the event stream tells what is different. */
import type { ChangesEvent } from '../../../server/live/wire.ts'

/**
 * The state after the changes; that before stays as it is, and so do the entries that haven't changed.
 * @param state as it was told last
 */
export function withChanges<State>(state: State, { field, key, set, removed }: ChangesEvent): State {
  // The shapes are the server's to keep.
  const before = state as State & Record<string, unknown[]>
  const keyOf = (entry: unknown): string => String((entry as Record<string, unknown>)[key])
  const news = new Map(set.map((entry) => [keyOf(entry), entry]))
  const gone = new Set(removed)
  const kept: unknown[] = []
  for (const entry of before[field] ?? []) {
    const name = keyOf(entry)
    if (!gone.has(name)) kept.push(news.get(name) ?? entry)
    news.delete(name)
  }
  if (news.size > 0) {
    kept.push(...news.values())
    kept.sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  }
  return { ...before, [field]: kept }
}
