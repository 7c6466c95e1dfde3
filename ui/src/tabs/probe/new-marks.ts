/** Which probes the page has not been told of before. */
import type { ProbeCall } from '../../../../server/features/probe/wire.ts'

/** One probe that was answered. */
export interface ProbeMark extends Pick<ProbeCall, 'id' | 'code'> {
  /** In milliseconds since 1970. */
  readonly time: number
}

/**
 * @param newest the last that is known
 * @param history as the server has it, newest first
 * @returns oldest first
 */
export function newMarks(newest: ProbeMark | undefined, history: readonly ProbeCall[]): ProbeMark[] {
  const marks = history.map(({ id, time, code }) => ({ id, time: Date.parse(time), code })).reverse()
  if (!newest) return marks
  // A container that was restarted counts anew under the same name, and may have come as far before the page is told of it.
  const same = marks.find(({ id }) => id === newest.id)
  const goesOn = same ? same.time === newest.time : (marks.at(-1)?.id ?? 0) > newest.id
  return marks.filter(({ id, time }) => (goesOn ? id > newest.id : time > newest.time))
}
