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
export function outcomeOf({ status, records }: DnsAnswer, type: string): Outcome {
  const word = words[status]
  if (status !== 'NOERROR') return { state: 'bad', word: word ?? status, detail: word ? status : '' }
  const answers = records.filter(({ section }) => section === 'answer').length
  if (answers > 0) return { state: 'good', word: 'found', detail: `NOERROR, ${countOf(answers, 'record')}` }
  return { state: 'idle', word: 'nothing of this type', detail: `NOERROR, the name has no ${type} record` }
}
