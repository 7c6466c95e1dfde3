/** Replies as text, in the layout of dig, and their records for tables. */
import { flagBits, type Message } from './message.ts'
import { opcodeName } from './types.ts'
import type { DnsRecord } from './wire.ts'

/** Every record of a reply, section by section. */
export function presentRecords({ answers, authorities, additionals }: Message): DnsRecord[] {
  const sections = { answer: answers, authority: authorities, additional: additionals } as const
  return Object.entries(sections).flatMap(([section, records]) =>
    records.map(({ name, ttl, class: family, type, value }) => ({
      section: section as keyof typeof sections,
      name,
      ttl,
      class: family,
      type,
      value,
    })),
  )
}

/** A reply in the layout of dig. */
export function presentMessage({ id, flags, status, questions, ...message }: Message): string {
  const sections = {
    ANSWER: message.answers,
    AUTHORITY: message.authorities,
    ADDITIONAL: message.additionals,
  }
  const counts = Object.entries(sections).map(([title, { length }]) => `${title}: ${length}`)
  const parts = [
    `;; opcode: ${opcodeName((flags >> 11) & 0xf)}, status: ${status}, id: ${id}\n` +
      `;; flags: ${flagsForm(flags)}; QUERY: ${questions.length}, ${counts.join(', ')}\n`,
  ]
  const asked = questions.map(({ name, class: family, type }) => `;${name}\t${family}\t ${type}\n`)
  if (asked.length > 0) parts.push(`;; QUESTION SECTION:\n${asked.join('')}`)
  for (const [title, shown] of Object.entries(sections)) {
    const lines = shown.map(
      ({ name, ttl, class: family, type, value }) => `${name}\t${ttl}\t${family}\t${type}\t${value}\n`,
    )
    if (lines.length > 0) parts.push(`;; ${title} SECTION:\n${lines.join('')}`)
  }
  return parts.join('\n')
}

const flagsForm = (flags: number): string =>
  Object.entries(flagBits)
    .flatMap(([name, bit]) => (flags & bit ? [name] : []))
    .join(' ')
