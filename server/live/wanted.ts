/** What a client asks a stream to show. */
import { HttpError } from '../http/errors.ts'
import type { EventsQuery, TopicName } from './wire.ts'

/** How many events of a topic a stream has at most in a second. */
const maxRate = 10

/** How many topics a client can name in one stream. */
const maxTopics = 64

/** A topic, and how often. */
export interface Wanted extends TopicName {
  /** Events a second, at most. */
  readonly rate: number
}

/**
 * @param all the names that there are without a parameter
 * @throws HttpError for what isn't written as it has to be
 */
export function wantedIn({ topics, watch = [] }: EventsQuery, all: Iterable<string>): Wanted[] {
  const named =
    topics === undefined
      ? Array.from(all, (topic) => ({ topic, rate: maxRate }))
      : topics.split(',').filter(Boolean).map(parse)
  if (named.length > maxTopics) throw new HttpError(400, `topics: a stream has ${maxTopics} at most`)
  return [...named, ...watch.map((of) => ({ topic: 'watch', of, rate: maxRate }))]
}

/** @param text such as `memory;rate=1` */
function parse(text: string): Wanted {
  const [topic = '', ...parameters] = text.split(';')
  let [of, rate]: [string | undefined, number] = [undefined, maxRate]
  for (const parameter of parameters) {
    const [name, value] = split(parameter)
    if (name === 'rate') rate = rateIn(value)
    else if (name === 'of') of = decode(value)
    else throw new HttpError(400, `topics: after a topic there is rate=N or of=TEXT, not ${parameter}`)
  }
  return { topic, rate, ...(of === undefined ? {} : { of }) }
}

const split = (parameter: string): [string, string] => {
  const at = parameter.indexOf('=')
  return at < 0 ? [parameter, ''] : [parameter.slice(0, at), parameter.slice(at + 1)]
}

function rateIn(value: string): number {
  const rate = /^\d{1,2}$/.test(value) ? Number(value) : 0
  if (rate >= 1 && rate <= maxRate) return rate
  throw new HttpError(400, `topics: a rate is a whole number of events a second from 1 to ${maxRate}`)
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    throw new HttpError(400, 'topics: what stands after of= must be percent-encoded')
  }
}
