/** What a reply means, in words. */
import type { DnsAnswer } from '../../../../server/features/dns/wire.ts'
import { countOf } from '../../lib/format.ts'

/** For a badge. */
export interface Outcome {
  readonly state: 'good' | 'bad' | 'idle'
  readonly word: string
  readonly detail: string
}

/** Every other status (RFC 1035, section 4.1.1, and its successors) is shown by its name alone. */
const words: Partial<Record<string, string>> = {
  NXDOMAIN: 'no such name',
  SERVFAIL: 'the name server failed',
  REFUSED: 'the name server refuses',
  NOTIMP: 'the name server doesn’t do this',
  FORMERR: 'the name server can’t read this',
}

/** @param type as it was asked for */
export function outcomeOf({ status, records, replyTo }: DnsAnswer, type: string): Outcome {
  const word = words[status]
  if (status !== 'NOERROR') return { state: 'bad', word: word ?? status, detail: word ? status : '' }
  const answers = records.filter(({ section }) => section === 'answer')
  const [first] = answers
  if (!first) return { state: 'idle', word: noData, detail: `NOERROR, ${replyTo} has no ${type} record` }
  if (answers.every((record) => record.type === 'CNAME') && !aliasesAsked.includes(type))
    return { state: 'idle', word: noData, detail: `NOERROR, an alias of a name without a ${type} record` }
  return { state: 'good', word: 'found', detail: `NOERROR, ${countOf(answers.length, 'record')}` }
}

const noData = 'nothing of this type'
const aliasesAsked = ['CNAME', 'ANY', 'TYPE5', 'TYPE255']

/** What came of each name that was tried, in words. */
export function stepsOf({ namesTried, statuses, outcome }: DnsAnswer): string[] {
  return namesTried.map((_, index) => {
    const own = statuses[index] ?? ''
    if (own === 'no reply') return own
    if (own !== 'NOERROR') return words[own] ?? own
    return outcome === 'found' && index === namesTried.length - 1
      ? 'answered'
      : 'exists, without such a record'
  })
}
