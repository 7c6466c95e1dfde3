/** How far a learner is: which steps are done and when, as this browser keeps it and as a file has it. */

/** Of one lab. */
export interface LabProgress {
  /** When the learner came to it, in milliseconds since 1970. */
  readonly begun: number
  /** When each step was done, by its id, in milliseconds since 1970. */
  readonly done: Readonly<Record<string, number>>
}

/** By the labs' ids. */
export type Progress = Readonly<Record<string, LabProgress>>

/** What tells one place from another. */
export interface Place {
  readonly cluster: string
  readonly namespace: string
}

/** A lab or its line in the list. */
interface WithSteps {
  readonly id: string
  readonly steps: readonly { readonly id: string }[]
}

/** How it stands with a lab. */
export interface LabStanding {
  /** How many of its steps are done. */
  readonly done: number
  readonly of: number
  /** The number of the first step that isn't done, from 1; undefined when all are. */
  readonly next: number | undefined
  /** From its beginning to its last tick, in seconds; undefined while it isn't complete. */
  readonly seconds: number | undefined
}

/** Of a record that came from outside: its keys may be names of what every object has. */
const own = <Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined

export const isDone = (progress: Progress, lab: string, step: string): boolean =>
  Object.hasOwn(own(progress, lab)?.done ?? {}, step)

export function standingOf({ id, steps }: WithSteps, progress: Progress): LabStanding {
  const lab = own(progress, id)
  const times = steps.map((step) => lab && own(lab.done, step.id))
  const ticked = times.filter((time) => time !== undefined)
  const next = times.indexOf(undefined)
  return {
    done: ticked.length,
    of: steps.length,
    next: next === -1 ? undefined : next + 1,
    seconds: next === -1 && lab ? Math.max(0, Math.max(...ticked) - lab.begun) / 1000 : undefined,
  }
}

/** How many are done in all labs together. */
export const stepsIn = (progress: Progress): number =>
  Object.values(progress).reduce((sum, { done }) => sum + Object.keys(done).length, 0)

/** @param begun counts where nothing of the lab is done yet */
export function withDone(progress: Progress, lab: string, step: string, begun: number, at: number): Progress {
  const before = own(progress, lab) ?? { begun, done: {} }
  if (Object.hasOwn(before.done, step)) return progress
  return { ...progress, [lab]: { ...before, done: { ...before.done, [step]: at } } }
}

/** As if the step hadn't been done. */
export function withoutDone(progress: Progress, lab: string, step: string): Progress {
  const before = own(progress, lab)
  if (!before) return progress
  const done = Object.fromEntries(Object.entries(before.done).filter(([id]) => id !== step))
  return Object.keys(done).length === 0
    ? withoutLab(progress, lab)
    : { ...progress, [lab]: { ...before, done } }
}

/** As if nothing of the lab had been done. */
export const withoutLab = (progress: Progress, lab: string): Progress =>
  Object.fromEntries(Object.entries(progress).filter(([id]) => id !== lab))

/** All that is done in one or the other; of what is done in both the earlier time counts. */
export function merged(one: Progress, other: Progress): Progress {
  const all = { ...one }
  for (const [id, lab] of Object.entries(other)) {
    const before = own(all, id)
    all[id] = before
      ? { begun: Math.min(before.begun, lab.begun), done: earliest(before.done, lab.done) }
      : lab
  }
  return all
}

function earliest(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
): Record<string, number> {
  const times = { ...one }
  for (const [id, time] of Object.entries(other)) times[id] = Math.min(time, own(times, id) ?? time)
  return times
}

/** Its first field says what the file is. */
const format = 'kuard labs 1'

/** The progress of a place as a file. */
export const fileOf = (progress: Progress, place: Place | null): string =>
  `${JSON.stringify({ format, ...place, labs: progress }, null, 2)}\n`

/** @returns what a file says, or in words why it can't be had */
export function readFile(text: string): { readonly progress: Progress } | { readonly fault: string } {
  const value = parsed(text)
  if (value === undefined) return { fault: 'it is not JSON' }
  if (!isRecord(value) || value.format !== format)
    return { fault: 'it is not a file of progress in labs, which this page saves' }
  const progress = progressIn(value.labs)
  return progress ? { progress } : { fault: 'what it says of labs is not as this page saves it' }
}

/** @returns what the browser kept; nothing where that can't be read */
export const readKept = (text: string | null): Progress => progressIn(parsed(text ?? '')) ?? {}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A time that a date can have, in milliseconds since 1970. */
const isTime = (value: unknown): value is number =>
  typeof value === 'number' && !Number.isNaN(new Date(value).getTime())

const isLab = (value: unknown): value is LabProgress =>
  isRecord(value) && isTime(value.begun) && isRecord(value.done) && Object.values(value.done).every(isTime)

function progressIn(value: unknown): Progress | undefined {
  if (!isRecord(value)) return undefined
  const labs = Object.entries(value).filter((entry): entry is [string, LabProgress] => isLab(entry[1]))
  return labs.length === Object.keys(value).length ? Object.fromEntries(labs) : undefined
}
