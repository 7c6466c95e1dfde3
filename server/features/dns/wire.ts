/** The JSON shapes of the DNS Query page. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

/** What to look up. */
export const DnsQuestion = Type.Object({
  type: Type.String({ description: 'a record type by name, such as A, SRV or txt' }),
  name: Type.Optional(
    Type.String({ description: 'with a final dot it is asked as it is; empty asks for the root' }),
  ),
})
export type DnsQuestion = Static<typeof DnsQuestion>

/** One record of a reply. */
export const DnsRecord = Type.Object({
  section: Type.Union([Type.Literal('answer'), Type.Literal('authority'), Type.Literal('additional')]),
  name: Type.String({ description: 'with its final dot' }),
  ttl: Type.Integer({ description: 'seconds for which it may be cached' }),
  class: Type.String({ description: 'IN, nearly always' }),
  type: Type.String({ description: 'such as A; TYPE65 for one without a name here' }),
  value: Type.String({ description: 'as a zone file has it (RFC 1035, section 5)' }),
})
export type DnsRecord = Static<typeof DnsRecord>

/** The reply that ended a lookup. */
export const DnsAnswer = Type.Object({
  result: Type.String({ description: 'the reply as text, in the layout of dig' }),
  status: Type.String({ description: 'NOERROR, NXDOMAIN, SERVFAIL ...' }),
  records: Type.Array(DnsRecord),
  namesTried: Type.Array(Type.String(), { description: 'in order; the reply is to the last one' }),
  server: Type.String({ description: 'who replied, such as 10.96.0.10:53' }),
  transport: Type.Union([Type.Literal('UDP'), Type.Literal('TCP')], {
    description: 'TCP after a reply over UDP was cut short',
  }),
  failures: Type.Array(Type.String(), { description: 'what went wrong on the way there, in words' }),
  milliseconds: Type.Number({ description: 'that the whole lookup took' }),
})
export type DnsAnswer = Static<typeof DnsAnswer>
