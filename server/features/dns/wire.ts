/** The JSON shapes of the DNS Query page. */
import * as Type from 'typebox'
import type { Static } from 'typebox'

/** What to look up. */
export const DnsQuestion = Type.Object({
  type: Type.String({
    minLength: 1,
    description: 'a record type by name or number, such as A, SRV, txt or TYPE65',
  }),
  name: Type.Optional(
    Type.String({
      description:
        'with a final dot it is asked as it is; empty asks for the root; with PTR it may be an address',
    }),
  ),
})
export type DnsQuestion = Static<typeof DnsQuestion>

/** One record of a reply. */
export const DnsRecord = Type.Object({
  section: Type.Union([Type.Literal('answer'), Type.Literal('authority'), Type.Literal('additional')]),
  name: Type.String({ description: 'with its final dot' }),
  ttl: Type.Integer({ description: 'seconds for which it may be cached' }),
  class: Type.String({ description: 'IN, nearly always' }),
  type: Type.String({ description: 'such as A; TYPE731 for one without a name here' }),
  value: Type.String({ description: 'as a zone file has it (RFC 1035, section 5)' }),
})
export type DnsRecord = Static<typeof DnsRecord>

/** What a lookup came to. */
export const DnsAnswer = Type.Object({
  result: Type.String({ description: 'the reply as text, in the layout of dig' }),
  status: Type.String({ description: 'NOERROR, NXDOMAIN, SERVFAIL ...' }),
  outcome: Type.Union(
    [
      Type.Literal('found'),
      Type.Literal('no data'),
      Type.Literal('no such name'),
      Type.Literal('try again'),
      Type.Literal('no recovery'),
    ],
    { description: 'what the C library tells a program: records, or an h_errno of netdb.h' },
  ),
  records: Type.Array(DnsRecord),
  askedAs: Type.Optional(
    Type.String({ description: 'the A-label of a name in other letters, or the name of an address' }),
  ),
  hosts: Type.Optional(
    Type.Array(Type.String(), {
      description: 'what /etc/hosts has for A, AAAA or PTR, which programs take instead of the reply',
    }),
  ),
  namesTried: Type.Array(Type.String(), { description: 'the full names that were asked for, in order' }),
  statuses: Type.Array(Type.String(), {
    description: 'what came of each of them: the status of its reply, or `no reply`',
  }),
  replyTo: Type.String({ description: 'which of them the reply is to, by the rules of the C library' }),
  server: Type.String({ description: 'who replied, such as 10.96.0.10:53' }),
  transport: Type.Union([Type.Literal('UDP'), Type.Literal('TCP')], {
    description: 'TCP after a reply over UDP was cut short',
  }),
  failures: Type.Array(Type.String(), { description: 'what went wrong on the way there, in words' }),
  milliseconds: Type.Number({ description: 'that the whole lookup took' }),
})
export type DnsAnswer = Static<typeof DnsAnswer>
