/** Replies as text, in the layout of dig, and their records for tables. */
import { recordsIn, statusOf, type Message } from './message.ts'
import { contentForm } from './rdata.ts'
import { typeForm } from './types.ts'
import type { DnsRecord } from './wire.ts'
import { nameForm } from './zone-text.ts'

/** Every record of a reply, section by section. */
export function presentRecords({ answers, authorities, additionals }: Message): DnsRecord[] {
  const sections = { answer: answers, authority: authorities, additional: additionals } as const
  return Object.entries(sections).flatMap(([section, records]) =>
    recordsIn(records).map((record) => ({
      section: section as keyof typeof sections,
      name: nameForm(record.name),
      ttl: record.ttl ?? 0,
      class: (record.class ?? 'IN').replace('UNKNOWN_', 'CLASS'),
      type: typeForm(record.type),
      value: contentForm(record),
    })),
  )
}

/**
 * A reply in the layout of dig.
 * @param records as `presentRecords` gives them
 */
export function presentMessage(message: Message, records: readonly DnsRecord[]): string {
  const { id, opcode, questions = [] } = message
  const of = (wanted: DnsRecord['section']) => records.filter(({ section }) => section === wanted)
  const sections = { ANSWER: of('answer'), AUTHORITY: of('authority'), ADDITIONAL: of('additional') }
  const counts = Object.entries(sections).map(([title, { length }]) => `${title}: ${length}`)
  const parts = [
    `;; opcode: ${opcode}, status: ${statusOf(message)}, id: ${id}\n` +
      `;; flags: ${flagsOf(message)}; QUERY: ${questions.length}, ${counts.join(', ')}\n`,
  ]
  const asked = questions.map(
    ({ name, type, class: family }) => `;${nameForm(name)}\t${family ?? 'IN'}\t ${typeForm(type)}\n`,
  )
  if (asked.length > 0) parts.push(`;; QUESTION SECTION:\n${asked.join('')}`)
  for (const [title, shown] of Object.entries(sections)) {
    const lines = shown.map(
      ({ name, ttl, class: family, type, value }) => `${name}\t${ttl}\t${family}\t${type}\t${value}\n`,
    )
    if (lines.length > 0) parts.push(`;; ${title} SECTION:\n${lines.join('')}`)
  }
  return parts.join('\n')
}

function flagsOf(message: Message): string {
  const flags = ['qr', 'aa', 'tc', 'rd', 'ra', 'ad', 'cd'] as const
  return flags.filter((flag) => message[`flag_${flag}`]).join(' ')
}
