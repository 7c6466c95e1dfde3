/** What a look-up costs, in words, and what would make it cheaper. */
import type { DnsCost } from '../../../../server/features/dns/wire.ts'
import { countOf, formatNumber } from '../../lib/format.ts'

const queries = (count: number): string => (count === 1 ? '1 query' : `${formatNumber(count)} queries`)

/** @param name as it was typed */
export function adviceOf(name: string, cost: DnsCost): string {
  const { answeredBy, fromHosts, ndots, withFinalDot } = cost
  const count = cost.queries.length
  if (fromHosts) return '/etc/hosts has this name, so a program asks no name server.'
  if (answeredBy === null || withFinalDot === null) {
    return `A program sends ${queries(count)} to hear that there is no address.`
  }
  const wasted = count - withFinalDot
  if (wasted === 0) return `None is wasted: ${answeredBy} is the first name that is tried.`
  const dots = name.split('.').length - 1
  const reason =
    dots < ndots
      ? `${name} has ${countOf(dots, 'dot')}, fewer than ndots (${String(ndots)}), so the search domains are tried first`
      : `${name} itself is tried first, and then the search domains`
  return `${queries(wasted)} of ${String(count)} are wasted: ${reason}. Write ${answeredBy} with its final dot, or let ndots be less by the pod’s dnsConfig.`
}
