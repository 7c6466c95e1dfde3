/** The faults that a request asks for itself: `?fault.delay=200ms&fault.status=503:30`, with the share in percent. */
import { BadOrder } from '../action.ts'
import type { FaultKind } from '../wire.ts'
import { cutting, type Cut } from './cut.ts'
import { delayingBy } from './delay.ts'
import { answeringBy } from './error.ts'
import type { Held } from './held.ts'
import { pacing } from './slow-body.ts'
import type { RequestFault } from './touch.ts'

const prefix = 'fault.'

/** What a name behind `fault.` asks for. */
interface Wish {
  readonly kind: FaultKind
  /** What its value has to be. */
  readonly values: string
  /** @returns undefined when the value is none */
  touch(value: string, held: Held): RequestFault['touch'] | undefined
}

/** In the order in which they touch a request, as kinds.ts has it. */
const wishes: Readonly<Record<string, Wish>> = {
  delay: {
    kind: 'delay',
    values: 'a time up to 10 minutes, such as 200ms or 2s',
    touch(value, held) {
      const [, number = '', unit] = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(value) ?? []
      const ms = Number(number) * (unit === 's' ? 1000 : 1)
      return number !== '' && ms <= 600_000 ? delayingBy({ ms }, held) : undefined
    },
  },
  slow: {
    kind: 'slow-body',
    values: 'bytes a second, such as 1000',
    touch: (value, held) => (/^[1-9]\d{0,8}$/.test(value) ? pacing(Number(value), held) : undefined),
  },
  cut: {
    kind: 'cut',
    values: 'before, within or after',
    touch: (value) => (isPlace(value) ? cutting({ at: value, reset: false }) : undefined),
  },
  status: {
    kind: 'error',
    values: 'a status from 400 to 599',
    touch: (value) =>
      /^[45]\d\d$/.test(value) ? answeringBy({ status: Number(value), retryAfter: 0 }) : undefined,
  },
}

const isPlace = (value: string): value is Cut['at'] => ['before', 'within', 'after'].includes(value)

/**
 * @param query of the URL, what is behind its question mark
 * @param held remembers the requests that are held up
 * @throws BadOrder for what is no such wish
 */
export function faultsIn(query: string, held: Held): (readonly [FaultKind, RequestFault])[] {
  const asked = new Map<string, readonly [FaultKind, RequestFault]>()
  for (const [name, text] of new URLSearchParams(query)) {
    if (!name.startsWith(prefix)) continue
    if (asked.has(name)) throw new BadOrder(`${name} is there twice`)
    asked.set(name, faultOf(name, text, held))
  }
  return Object.keys(wishes).flatMap((name) => {
    const fault = asked.get(prefix + name)
    return fault ? [fault] : []
  })
}

function faultOf(name: string, text: string, held: Held): readonly [FaultKind, RequestFault] {
  const names = Object.keys(wishes).map((known) => prefix + known)
  const wish = names.includes(name) ? wishes[name.slice(prefix.length)] : undefined
  if (!wish) throw new BadOrder(`${name} is no fault that can be asked for, but ${names.join(', ')}`)
  const [, value = '', percent = '100'] = /^([^:]*)(?::(\d{1,3}(?:\.\d+)?))?$/.exec(text) ?? []
  const touch = Number(percent) <= 100 ? wish.touch(value, held) : undefined
  if (!touch)
    throw new BadOrder(`${name} has to be ${wish.values}; and a share may follow it, such as :30 for 30 %`)
  return [wish.kind, { share: Number(percent) / 100, path: '/', probes: true, touch }]
}
