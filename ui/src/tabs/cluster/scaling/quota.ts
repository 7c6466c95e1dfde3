/** How much of a quota is used, and what it has refused: https://kubernetes.io/docs/concepts/policy/resource-quotas/ */
import type { Event, ResourceQuota } from '../../../../../server/features/cluster/wire.ts'
import { newestFirst } from '../../../lib/event-words.ts'
import { formatQuantity, quantityOf } from '../quantity.ts'
import type { SignState } from '../../../parts/state-sign.ts'

/** One resource that a quota bounds. */
export interface QuotaRow {
  readonly quota: string
  /** Such as `requests.cpu` or `count/configmaps`. */
  readonly resource: string
  readonly used: string
  readonly hard: string
  /** From 0 to 1. */
  readonly share: number
  readonly state: SignState
  /** Such as "full", or "39m left". */
  readonly word: string
}

const nearlyFull = 0.8

/** In the order of the resources’ names, of each quota. */
export const quotaRows = (quotas: readonly ResourceQuota[]): QuotaRow[] =>
  quotas.flatMap(({ name, hard, used }) =>
    Object.entries(hard)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([resource, bound]) => quotaRow(name, resource, bound, used[resource])),
  )

function quotaRow(quota: string, resource: string, bound: string, taken: string | undefined): QuotaRow {
  const hard = quantityOf(bound)
  const used = quantityOf(taken ?? '')
  const text = (number: number | undefined, written: string) =>
    number === undefined ? written : formatQuantity(number, resource)
  const row = { quota, resource, used: text(used, taken ?? ''), hard: text(hard, bound) }
  if (hard === undefined || used === undefined)
    return { ...row, share: 0, state: 'idle', word: 'not counted yet' }
  const share = hard === 0 ? 1 : Math.min(used / hard, 1)
  return { ...row, share, ...fullness(used, hard, share, resource) }
}

/** What goes past it is refused; what was there before it stays. */
function fullness(
  used: number,
  hard: number,
  share: number,
  resource: string,
): Pick<QuotaRow, 'state' | 'word'> {
  if (used > hard)
    return { state: 'bad', word: `over by ${formatQuantity(used - hard, resource)}: nothing more is taken` }
  if (used === hard) return { state: 'bad', word: hard === 0 ? 'none allowed' : 'full' }
  const left = `${formatQuantity(hard - used, resource)} left`
  return share >= nearlyFull
    ? { state: 'caution', word: `nearly full: ${left}` }
    : { state: 'good', word: left }
}

/** What was refused because of a quota, newest first. @param events of the namespace */
export const refusals = (events: readonly Event[]): Event[] =>
  newestFirst(events.filter(({ message }) => /(exceeded|failed) quota: /.test(message)))
