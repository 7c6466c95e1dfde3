/** What a look-up takes: message by message, for a program, and by each name server. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { RECURSION_AVAILABLE, TRUNCATED_RESPONSE, type Answer } from 'dns-packet'
import { Value } from 'typebox/value'
import { Resolver } from '../../server/features/dns/resolver.ts'
import { DnsComparison, DnsCost, DnsTrace } from '../../server/features/dns/wire.ts'
import { parseHosts } from '../../server/host/hosts.ts'
import { parseResolvConf, type NameServer, type ResolvConf } from '../../server/host/resolv-conf.ts'
import {
  addressReply,
  framed,
  loopback,
  reply,
  serveDns,
  startDnsmasq,
  type Query,
} from '../support/name-servers.ts'

const resolverWith = (nameServers: readonly NameServer[], conf: Partial<ResolvConf> = {}, hosts = '') =>
  new Resolver({
    resolvConf: () => Promise.resolve({ ...parseResolvConf(''), nameServers, attempts: 1, ...conf }),
    hosts: () => Promise.resolve(parseHosts(hosts)),
  })

const patient = new AbortController().signal
const place = ({ address, port }: NameServer) => `${address}:${port}`

/** A zone’s beginning, whose time to live is longer than its minimum. */
const soa = (serial: number): Answer => ({
  type: 'SOA',
  name: 'test',
  ttl: 300,
  data: { mname: 'ns.test', rname: 'host.test', serial, refresh: 1, retry: 1, expire: 1, minimum: 30 },
})

/** The SOA to what is asked for it, an address to any other. */
const zone = (serial: number, address: string) => ({
  udp: (query: Query) => [
    query.questions?.[0]?.type === 'SOA'
      ? reply(query, { flags: RECURSION_AVAILABLE, authorities: [soa(serial)] })
      : addressReply(query, address),
  ],
})

suite('a trace', () => {
  test('tells of each message: who was asked for what and how, and what came of it after how long', async (context) => {
    const gone = { address: loopback(), port: 5300 }
    const good = await serveDns(context, {
      udp: (query) => [
        query.questions?.[0]?.name === 'web.b.test'
          ? reply(query, { flags: TRUNCATED_RESPONSE })
          : reply(query, { flags: RECURSION_AVAILABLE, rcode: 3 }),
      ],
      tcp: (query) => [framed(addressReply(query))],
    })
    const resolver = resolverWith([gone, good], { search: ['a.test', 'b.test'], ndots: 5 })
    const trace = await resolver.trace({ type: 'a', name: 'web' }, patient)
    assert.ok(Value.Check(DnsTrace, trace))
    assert.deepEqual(
      trace.queries.map(({ name, type, server, transport, status, answers, cutShort, failure }) => [
        name,
        type,
        server,
        transport,
        failure ?? (cutShort ? 'cut short' : status),
        answers.join(),
      ]),
      [
        ['web.a.test.', 'A', place(gone), 'UDP', 'refused the connection', ''],
        ['web.a.test.', 'A', place(good), 'UDP', 'NXDOMAIN', ''],
        ['web.b.test.', 'A', place(gone), 'UDP', 'refused the connection', ''],
        ['web.b.test.', 'A', place(good), 'UDP', 'cut short', ''],
        ['web.b.test.', 'A', place(good), 'TCP', 'NOERROR', 'A 10.1.2.3'],
      ],
    )
    const starts = trace.queries.map(({ at }) => at)
    assert.deepEqual(
      starts,
      starts.toSorted((one, other) => one - other),
    )
    assert.deepEqual(trace.answer?.namesTried, ['web.a.test.', 'web.b.test.'])
    assert.deepEqual([trace.failure, trace.targets], [null, []])
  })

  test('is there too where nobody replies', async () => {
    const gone = { address: loopback(), port: 5300 }
    const trace = await resolverWith([gone], { attempts: 2 }).trace({ type: 'A', name: 'web.test.' }, patient)
    assert.equal(trace.answer, null)
    assert.equal(trace.failure, `no name server replies to web.test.: ${place(gone)} refused the connection`)
    assert.deepEqual(
      trace.queries.map(({ failure }) => failure),
      Array(2).fill('refused the connection'),
    )
  })

  test('resolves the SRV records of a headless Service on to addresses, those that came along without asking', async (context) => {
    const server = await startDnsmasq(context, [
      '--srv-host=_http._tcp.web.test,web-0.web.test,8080',
      '--srv-host=_http._tcp.web.test,web-1.web.test,8081',
      '--host-record=web-0.web.test,10.1.0.10,fd00::10',
      '--host-record=web-1.web.test,10.1.0.11',
    ])
    const along = await resolverWith([server]).trace({ type: 'SRV', name: '_http._tcp.web.test' }, patient)
    const asked = await resolverWith([
      await serveDns(context, {
        udp: (query) => {
          const [{ name, type } = { name: '', type: 'A' as const }] = query.questions ?? []
          const data = { port: 8080, target: 'web-0.test' }
          if (type === 'SRV') return [reply(query, { answers: [{ type, name, data }] })]
          return [type === 'A' ? addressReply(query) : reply(query, { flags: RECURSION_AVAILABLE })]
        },
      }),
    ]).trace({ type: 'SRV', name: '_http._tcp.web.test' }, patient)
    const sorted = along.targets.toSorted((one, other) => one.name.localeCompare(other.name))
    assert.deepEqual(sorted, [
      { name: 'web-0.web.test.', ports: [8080], addresses: ['10.1.0.10', 'fd00::10'], cameAlong: true },
      { name: 'web-1.web.test.', ports: [8081], addresses: ['10.1.0.11'], cameAlong: true },
    ])
    assert.equal(along.queries.length, 1)
    assert.deepEqual(asked.targets, [
      { name: 'web-0.test.', ports: [8080], addresses: ['10.1.2.3'], cameAlong: false },
    ])
    assert.deepEqual(asked.queries.map(({ type }) => type).toSorted(), ['A', 'AAAA', 'SRV'])
  })

  test('of targets asks for twenty, and what the records don’t lead to is no target', async (context) => {
    const server = await serveDns(context, {
      udp: (query) => {
        const [{ name, type } = { name: '', type: 'A' as const }] = query.questions ?? []
        if (type !== 'MX') return [reply(query, { flags: RECURSION_AVAILABLE, rcode: 2 })]
        const exchanges = ['.', ...Array.from({ length: 30 }, (_, index) => `m${index}.test`)]
        return [reply(query, { answers: exchanges.map((exchange) => ({ type, name, data: { exchange } })) })]
      },
    })
    const { targets } = await resolverWith([server]).trace({ type: 'MX', name: 'test' }, patient)
    assert.equal(targets.length, 20)
    // Where a server fails, they are unknown.
    assert.deepEqual(targets[0], { name: 'm0.test.', ports: [], addresses: null, cameAlong: false })
  })

  test('says for how long it may be kept that there is no such name or record', async (context) => {
    const server = await serveDns(context, {
      udp: (query) => {
        const rcode = query.questions?.[0]?.name === 'gone.test' ? 3 : 0
        return [reply(query, { flags: RECURSION_AVAILABLE, rcode, authorities: [soa(1)] })]
      },
    })
    for (const [name, outcome] of [
      ['gone.test.', 'no such name'],
      ['web.test.', 'no data'],
    ] as const) {
      const { answer } = await resolverWith([server]).trace({ type: 'A', name }, patient)
      assert.deepEqual([answer?.outcome, answer?.negativeTtl], [outcome, 30])
    }
    const found = await resolverWith([await serveDns(context, zone(1, '10.1.2.3'))]).trace(
      { type: 'A', name: 'web.test.' },
      patient,
    )
    assert.equal(found.answer?.negativeTtl, undefined)
  })
})

suite('the look-up of a program', () => {
  test('is counted: A and AAAA for each name that ndots has tried, and for the one with a final dot', async (context) => {
    const server = await startDnsmasq(context, ['--host-record=api.example.test,10.1.2.3'])
    const resolver = resolverWith([server], {
      search: ['ns.svc.test', 'svc.test', 'local.test'],
      ndots: 5,
    })
    const cost = await resolver.cost({ name: 'api.example.test' }, patient)
    assert.ok(Value.Check(DnsCost, cost))
    const { queries, ...rest } = cost
    assert.equal(queries.length, 8)
    assert.deepEqual(queries.map(({ type }) => type).toSorted(), [
      ...Array<string>(4).fill('A'),
      ...Array<string>(4).fill('AAAA'),
    ])
    assert.deepEqual(rest, {
      addresses: ['10.1.2.3'],
      answeredBy: 'api.example.test.',
      fromHosts: false,
      withFinalDot: 2,
      ndots: 5,
      search: ['ns.svc.test', 'svc.test', 'local.test'],
    })
    const absolute = await resolver.cost({ name: 'api.example.test.' }, patient)
    assert.deepEqual([absolute.queries.length, absolute.withFinalDot], [2, 2])
  })

  test('ends at a name that has an address of either family, and goes on where it has none', async (context) => {
    const server = await startDnsmasq(context, [
      '--host-record=six.a.test,fd00::1',
      '--txt-record=four.a.test,x',
      '--host-record=four.b.test,10.1.2.4',
    ])
    const resolver = resolverWith([server], { search: ['a.test', 'b.test'], ndots: 5 })
    const six = await resolver.cost({ name: 'six' }, patient)
    assert.deepEqual([six.answeredBy, six.addresses, six.queries.length], ['six.a.test.', ['fd00::1'], 2])
    const four = await resolver.cost({ name: 'four' }, patient)
    assert.deepEqual(
      [four.answeredBy, four.addresses, four.queries.length],
      ['four.b.test.', ['10.1.2.4'], 4],
    )
    const none = await resolver.cost({ name: 'none' }, patient)
    assert.deepEqual([none.answeredBy, none.withFinalDot, none.queries.length], [null, null, 6])
  })

  test('asks nobody where /etc/hosts has the name', async (context) => {
    const server = await serveDns(context, { udp: (query) => [addressReply(query)] })
    const cost = await resolverWith([server], {}, '10.9.9.9 web').cost({ name: 'web' }, patient)
    assert.deepEqual([cost.fromHosts, cost.addresses, cost.queries], [true, ['10.9.9.9'], []])
    assert.equal(server.asked.length, 0)
  })
})

suite('name servers side by side', () => {
  const question = { type: 'A', name: 'web' }
  const conf = { search: ['test'], ndots: 5 }

  test('agree where they have the same records, whatever their order and times to live', async (context) => {
    const both = (turned: boolean) => ({
      udp: (query: Query) => {
        const records = ['10.0.0.1', '10.0.0.2'].map((data): Answer => ({
          type: 'A',
          name: 'web.test',
          ttl: turned ? 5 : 30,
          data,
        }))
        return [reply(query, { answers: turned ? records.reverse() : records })]
      },
    })
    const servers = [await serveDns(context, both(false)), await serveDns(context, both(true))]
    const compared = await resolverWith(servers, conf).compare(question, patient)
    assert.ok(Value.Check(DnsComparison, compared))
    assert.deepEqual([compared.agree, compared.servers.map(({ isOwn }) => isOwn)], [true, [true, true]])
  })

  test('are told with their records and the serial of the zone, so that a stale one shows', async (context) => {
    const fresh = await serveDns(context, zone(8, '10.0.0.2'))
    const stale = await serveDns(context, zone(7, '10.0.0.1'))
    const { servers, agree } = await resolverWith([fresh], conf).compare(
      { ...question, servers: [place(stale)] },
      patient,
    )
    assert.equal(agree, false)
    assert.deepEqual(
      servers.map(({ server, isOwn, status, replyTo, answers, zone, serial, failure }) => [
        [server, isOwn, status, replyTo, zone, serial, failure],
        answers.map(({ value }) => value),
      ]),
      [
        [[place(fresh), true, 'NOERROR', 'web.test.', 'test.', 8, null], ['10.0.0.2']],
        [[place(stale), false, 'NOERROR', 'web.test.', 'test.', 7, null], ['10.0.0.1']],
      ],
    )
  })

  test('that don’t reply are told with the reason, beside those that do', async (context) => {
    const gone = { address: loopback(), port: 5300 }
    const good = await startDnsmasq(context, ['--host-record=web.test,10.1.2.3'])
    const { servers, agree } = await resolverWith([gone, good], conf).compare(question, patient)
    assert.equal(agree, false)
    assert.deepEqual(
      servers.map(({ status, serial, failure }) => [status, serial, failure]),
      [
        [null, null, `${place(gone)} refused the connection`],
        ['NOERROR', null, null],
      ],
    )
  })

  test('may be given by a name, of which every address is asked, and by none that is no server', async (context) => {
    const second = await serveDns(context, zone(1, '10.0.0.2'), { port: 5300 })
    const first = await startDnsmasq(context, [
      `--host-record=replicas.test,${second.address}`,
      '--host-record=web.test,10.0.0.1',
    ])
    const resolver = resolverWith([first], conf)
    const { servers } = await resolver.compare({ ...question, servers: ['replicas:5300'] }, patient)
    assert.deepEqual(
      servers.map(({ server }) => server),
      [place(first), place(second)],
    )
    for (const [text, reason] of [
      ['?', /^\? is no address of a name server, and no name of one$/],
      ['10.0.0.1:99999', /is no address/],
      ['missing.test', /^missing\.test has no address to ask$/],
    ] as const) {
      await assert.rejects(resolver.compare({ ...question, servers: [text] }, patient), {
        name: 'LookupError',
        message: reason,
      })
    }
  })
})
