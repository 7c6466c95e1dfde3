/** What a reply means, in words. */
import type { DnsAnswer, DnsQuery } from '../../../../server/features/dns/wire.ts'
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

/** A status in words, or as it is. */
export const statusWord = (status: string): string =>
  status === 'NOERROR' ? status : (words[status] ?? status)

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
    if (own !== 'NOERROR') return statusWord(own)
    return outcome === 'found' && index === namesTried.length - 1
      ? 'answered'
      : 'exists, without such a record'
  })
}

/** What came of one message: a word, and what it brought. */
export function saidOf({ status, answers, cutShort, failure }: DnsQuery) {
  if (failure !== null) return { state: 'bad', word: 'no reply', words: `it ${failure}` } as const
  if (cutShort)
    return { state: 'idle', word: 'cut short', words: 'it does not fit, so TCP comes next' } as const
  if (status !== 'NOERROR') {
    return {
      state: status === 'NXDOMAIN' ? 'idle' : 'bad',
      word: statusWord(status ?? ''),
      words: '',
    } as const
  }
  if (answers.length === 0) return { state: 'idle', word: noData, words: '' } as const
  return { state: 'good', word: countOf(answers.length, 'record'), words: answers.join('; ') } as const
}
