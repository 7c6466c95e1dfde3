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

/** One message that was sent to a name server, and what came of it. */
export const DnsQuery = Type.Object({
  name: Type.String({ description: 'the full name that was asked for' }),
  type: Type.String(),
  server: Type.String({ description: 'such as 10.96.0.10:53' }),
  transport: Type.Union([Type.Literal('UDP'), Type.Literal('TCP')]),
  at: Type.Number({ description: 'milliseconds after the lookup began' }),
  milliseconds: Type.Number({ description: 'until the reply, or until it was given up' }),
  status: Type.Union([Type.String(), Type.Null()], {
    description: 'NOERROR, NXDOMAIN, SERVFAIL ...; null where none was read',
  }),
  answers: Type.Array(Type.String(), { description: 'the records of its answer, such as `A 10.1.2.3`' }),
  cutShort: Type.Boolean({ description: 'the reply did not fit in a packet, so TCP comes next' }),
  failure: Type.Union([Type.String(), Type.Null()], { description: 'why there is no reply, in words' }),
})
export type DnsQuery = Static<typeof DnsQuery>

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
  negativeTtl: Type.Optional(
    Type.Integer({
      description:
        'seconds for which it may be cached that there is no such name or record: the SOA’s, or its minimum if that is less (RFC 2308, section 5)',
    }),
  ),
  milliseconds: Type.Number({ description: 'that the whole lookup took' }),
})
export type DnsAnswer = Static<typeof DnsAnswer>

/** Where a record leads to, with its addresses. */
export const DnsTarget = Type.Object({
  name: Type.String({ description: 'a pod’s own name, for the SRV record of a headless Service' }),
  ports: Type.Array(Type.Integer(), { description: 'that SRV records give for it' }),
  addresses: Type.Union([Type.Array(Type.String()), Type.Null()], { description: 'null where unknown' }),
  cameAlong: Type.Boolean({ description: 'the reply had them beside its answer, so nobody had to be asked' }),
})
export type DnsTarget = Static<typeof DnsTarget>

/** A lookup, message by message. */
export const DnsTrace = Type.Object({
  answer: Type.Union([DnsAnswer, Type.Null()]),
  failure: Type.Union([Type.String(), Type.Null()], { description: 'why there is no answer, in words' }),
  queries: Type.Array(DnsQuery, { description: 'in the order in which they came to their end' }),
  targets: Type.Array(DnsTarget, {
    description: 'of SRV, MX, NS, SVCB and HTTPS records, 20 at most, each resolved on to its addresses',
  }),
})
export type DnsTrace = Static<typeof DnsTrace>

/** Whose addresses a program wants. */
export const DnsProgramQuestion = Type.Object({
  name: Type.String({ minLength: 1, description: 'as the program has it' }),
})
export type DnsProgramQuestion = Static<typeof DnsProgramQuestion>

/** What one lookup of a program takes: getaddrinfo of glibc, which asks for A and AAAA records at once. */
export const DnsCost = Type.Object({
  addresses: Type.Array(Type.String()),
  answeredBy: Type.Union([Type.String(), Type.Null()], {
    description: 'the full name that has them; with its final dot it is asked for alone',
  }),
  fromHosts: Type.Boolean({ description: '/etc/hosts has the name, so no name server is asked' }),
  queries: Type.Array(DnsQuery, { description: 'all that it took' }),
  withFinalDot: Type.Union([Type.Integer(), Type.Null()], {
    description: 'how many queries it takes by `answeredBy`; null where no name has addresses',
  }),
  ndots: Type.Integer({ description: 'a name with fewer dots is tried with the search domains first' }),
  search: Type.Array(Type.String()),
})
export type DnsCost = Static<typeof DnsCost>

/** What to ask each name server for. */
export const DnsServersQuestion = Type.Object({
  ...DnsQuestion.properties,
  servers: Type.Optional(
    Type.Array(Type.String({ maxLength: 300 }), {
      maxItems: 10,
      description:
        'further name servers: `10.244.0.5`, `[fd00::a]:5353`, or a name, such as a headless Service’s, whose addresses are all asked',
    }),
  ),
})
export type DnsServersQuestion = Static<typeof DnsServersQuestion>

/** What one name server says. */
export const DnsServerReply = Type.Object({
  server: Type.String({ description: 'such as 10.96.0.10:53' }),
  isOwn: Type.Boolean({ description: '/etc/resolv.conf names it' }),
  status: Type.Union([Type.String(), Type.Null()], { description: 'null where it does not reply' }),
  replyTo: Type.Union([Type.String(), Type.Null()], {
    description: 'the full name that the reply is to, by the search domains',
  }),
  answers: Type.Array(DnsRecord, { description: 'without what comes along' }),
  zone: Type.Union([Type.String(), Type.Null()], { description: 'whose SOA it gives' }),
  serial: Type.Union([Type.Integer(), Type.Null()], {
    description: 'of that SOA; null where it gives none. CoreDNS counts changes of the cluster by it',
  }),
  milliseconds: Type.Number(),
  failure: Type.Union([Type.String(), Type.Null()], { description: 'why it has no reply, in words' }),
})
export type DnsServerReply = Static<typeof DnsServerReply>

/** What each name server says, side by side. */
export const DnsComparison = Type.Object({
  servers: Type.Array(DnsServerReply, { description: 'in the order of /etc/resolv.conf, then those given' }),
  agree: Type.Boolean({
    description: 'all reply, and with the same status and records; times to live may differ',
  }),
})
export type DnsComparison = Static<typeof DnsComparison>
