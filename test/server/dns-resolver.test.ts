/** The resolver against a real name server, and against others that misbehave. */
import assert from 'node:assert/strict'
import { suite, test, type TestContext } from 'node:test'
import {
  AUTHENTIC_DATA,
  AUTHORITATIVE_ANSWER,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from 'dns-packet'
import fc from 'fast-check'
import { Value } from 'typebox/value'
import { LookupError } from '../../server/features/dns/lookup-error.ts'
import { nameToAsk } from '../../server/features/dns/names.ts'
import { Resolver } from '../../server/features/dns/resolver.ts'
import { search, type Outcome } from '../../server/features/dns/search.ts'
import { typeName, typeNumber } from '../../server/features/dns/types.ts'
import { DnsAnswer } from '../../server/features/dns/wire.ts'
import { parseHosts } from '../../server/host/hosts.ts'
import { parseResolvConf, readResolvConf, type ResolvConf } from '../../server/host/resolv-conf.ts'
import { nameFault } from '../../server/text/domain-name.ts'
import { bareRecords, shownRecords } from '../support/dns-records.ts'
import { eventually } from '../support/eventually.ts'
import {
  addressReply,
  framed,
  loopback,
  reply,
  serveDns,
  startDnsmasq,
  type Behaviour,
} from '../support/name-servers.ts'

const defaults: ResolvConf = { ...parseResolvConf(''), nameServers: [] }

/** A resolver with settings that never change. */
const resolverWith = (conf: Partial<ResolvConf>, hosts = '') =>
  new Resolver({
    resolvConf: () => Promise.resolve({ ...defaults, ...conf }),
    hosts: () => Promise.resolve(parseHosts(hosts)),
  })

const patient = new AbortController().signal

/** Nothing in a test waits this long. */
const never = 25

suite('names', () => {
  const conf = { search: ['ns.svc.test', 'svc.test.', '.'], ndots: 5, noTldQuery: false }

  /** The names that are tried while each comes to the same. */
  async function namesTried(name: string, more: Partial<ResolvConf> = {}, outcome: Outcome = 'no such name') {
    const tried: string[] = []
    await search(name, { ...conf, ...more }, (fullName) => {
      tried.push(fullName)
      return Promise.resolve({ outcome })
    })
    return tried
  }

  test('a name with a final dot is asked as it is, and an empty one is the root', async () => {
    assert.deepEqual(await namesTried('web.test.'), ['web.test.'])
    assert.deepEqual(await namesTried('.'), ['.'])
    assert.deepEqual(await namesTried(''), ['.'])
  })

  test('a name with fewer dots than ndots is tried with the search domains first, any other last', async () => {
    const searched = ['web.a.ns.svc.test.', 'web.a.svc.test.', 'web.a.']
    assert.deepEqual(await namesTried('web.a'), searched)
    assert.deepEqual(await namesTried('web.a', { ndots: 1 }), ['web.a.', ...searched])
    assert.deepEqual(await namesTried('web', { search: [] }), ['web.'])
    assert.deepEqual(await namesTried('web', { search: ['test'], noTldQuery: true }), ['web.test.'])
  })

  test('a fault ends the search and leaves the name alone; where no server can be reached, nothing more is tried', async () => {
    const more = { search: ['a.test', 'b.test'] }
    assert.deepEqual(await namesTried('web', more, 'server failed'), ['web.a.test.', 'web.b.test.', 'web.'])
    assert.deepEqual(await namesTried('web', more, 'try again'), ['web.a.test.', 'web.'])
    assert.deepEqual(await namesTried('web', more, 'unreachable'), ['web.a.test.'])
  })

  for (const [what, name, fault] of [
    ['a label of 63 bytes', `${'x'.repeat(63)}.test`, undefined],
    ['a label of 64 bytes', `${'x'.repeat(64)}.test`, /may have 63 bytes and has 64/],
    ['a label of 64 bytes in 32 letters', 'ü'.repeat(32), /has 64/],
    ['255 bytes', [63, 63, 63, 61].map((size) => 'x'.repeat(size)).join('.'), undefined],
    ['256 bytes', [63, 63, 63, 62].map((size) => 'x'.repeat(size)).join('.'), /may have 255 bytes.*has 256/],
    ['an empty label', 'a..b', /between two dots/],
    ['a dot in front', '.a', /between two dots/],
    ['two final dots', 'a..', /between two dots/],
    ['a line break', 'a\n.b', /control character/],
    ["Unicode's line break", 'a\u2028.b', /control character/],
    ['an underscore', '_http._tcp.web', undefined],
  ] as const) {
    test(`${what} ${fault ? 'is refused with the reason' : 'is fine'}`, () => {
      if (fault) assert.match(nameFault(name) ?? '', fault)
      else assert.equal(nameFault(name), undefined)
    })
  }

  for (const [typed, type, asked] of [
    ['bücher.example', 'A', 'xn--bcher-kva.example'],
    ['_http._tcp.BÜCHER.example.', 'SRV', '_http._tcp.xn--bcher-kva.example.'],
    ['Web_1.Example', 'A', 'Web_1.Example'],
    ['10.1.2.3', 'ptr', '3.2.1.10.in-addr.arpa.'],
    ['10.1.2.3', 'A', '10.1.2.3'],
    ['::1', 'PTR', `1.${'0.'.repeat(31)}ip6.arpa.`],
    [
      '2001:DB8::192.0.2.1',
      'PTR',
      '1.0.2.0.0.0.0.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.',
    ],
    ['fe80::1%eth0', 'PTR', `1.${'0.'.repeat(28)}8.e.f.ip6.arpa.`],
  ] as const) {
    test(`${typed} with type ${type} is asked for as ${asked}`, () => {
      assert.equal(nameToAsk(typed, typeNumber(type) ?? 0), asked)
    })
  }

  test('letters that no name may have are refused with the reason', () => {
    assert.throws(() => nameToAsk('\u{fffd}.test', 1), {
      name: 'LookupError',
      message: /no form that a name may have/,
    })
  })
})

suite('a real name server', () => {
  test('every type of record is shown as dig shows it, whichever case it is asked in', async (context) => {
    const records = [...shownRecords, ...bareRecords]
    const options = records.map(([type, content], index) => {
      const bytes = content.match(/../g)?.join(':') ?? ''
      return `--dns-rr=r${index}.test,${typeNumber(type) ?? 0},${bytes}`
    })
    const resolver = resolverWith({ nameServers: [await startDnsmasq(context, options)] })
    for (const [index, [type, , value]] of records.entries()) {
      const name = `r${index}.test`
      const found = await resolver.lookup({ type: type.toLowerCase(), name }, patient)
      assert.equal(found.status, 'NOERROR')
      assert.deepEqual(found.records[0], {
        section: 'answer',
        name: `${name}.`,
        ttl: 0,
        class: 'IN',
        type,
        value,
      })
      assert.ok(found.result.includes(`\n${name}.\t0\tIN\t${type}\t${value}\n`), found.result)
    }
  })

  test('a type that is known by its number only is shown by it, among the others', async (context) => {
    const server = await startDnsmasq(context, [
      '--dns-rr=r.test,65,00:01:00',
      '--cname=alias.test,r.test',
      '--host-record=r.test,10.1.2.3',
    ])
    const { records: found } = await resolverWith({ nameServers: [server] }).lookup(
      { type: 'A', name: 'alias.test.' },
      patient,
    )
    assert.deepEqual(
      found.map(({ name, type, value }) => [name, type, value]),
      [
        ['alias.test.', 'CNAME', 'r.test.'],
        ['r.test.', 'A', '10.1.2.3'],
      ],
    )
  })

  test('what does not fit in a packet comes over TCP, whole', async (context) => {
    const texts = Array.from(
      { length: 20 },
      (_, index) => `--txt-record=big.test,${String(index).padStart(200, 'x')}`,
    )
    const server = await startDnsmasq(context, texts)
    const answer = await resolverWith({ nameServers: [server] }).lookup(
      { type: 'TXT', name: 'big.test' },
      patient,
    )
    assert.equal(answer.transport, 'TCP')
    assert.equal(answer.records.length, 20)
    assert.doesNotMatch(answer.result, /flags:[^;]* tc/)
  })

  test('search domains are tried in turn until one has records, and the names tried are told', async (context) => {
    const server = await startDnsmasq(context, ['--host-record=queue.svc.test,10.1.2.3'])
    const resolver = resolverWith({
      nameServers: [server],
      search: ['ns.test', 'svc.test', 'test'],
      ndots: 5,
    })
    const found = await resolver.lookup({ type: 'A', name: 'queue' }, patient)
    assert.deepEqual(found.namesTried, ['queue.ns.test.', 'queue.svc.test.'])
    assert.equal(found.records[0]?.value, '10.1.2.3')
    const missing = await resolver.lookup({ type: 'A', name: 'gone.test' }, patient)
    assert.deepEqual(missing.namesTried, [
      'gone.test.ns.test.',
      'gone.test.svc.test.',
      'gone.test.test.',
      'gone.test.',
    ])
    assert.equal(missing.status, 'NXDOMAIN')
    assert.match(missing.result, /status: NXDOMAIN[\s\S]*QUESTION SECTION:\n;gone\.test\.\tIN\t A\n$/)
  })
})

suite('a name server that misbehaves', () => {
  const question = { type: 'A', name: 'web.test.' }
  const answers: Behaviour = (query) => [addressReply(query)]
  const silent: Behaviour = () => []
  const cut: Behaviour = (query) => [reply(query, { flags: TRUNCATED_RESPONSE })]
  const status =
    (rcode: number): Behaviour =>
    (query) => [reply(query, { rcode })]
  const otherId: Behaviour = (query) => [addressReply({ ...query, id: query.id ^ 1 }, '6.6.6.6')]
  const otherQuestion: Behaviour = (query) => [
    addressReply({ ...query, questions: [{ type: 'A', name: 'evil.test' }] }, '6.6.6.6'),
  ]
  const otherType: Behaviour = (query) => [
    reply({ ...query, questions: [{ type: 'AAAA', name: 'web.test' }] }),
  ]
  const echo: Behaviour = (_query, bytes) => [bytes]
  const noise: Behaviour = () => [Buffer.alloc(0), Buffer.from('hello'), Buffer.alloc(600, 0xff)]
  /** Promises more records than it holds. */
  const broken: Behaviour = (query) => {
    const message = reply(query)
    message.writeUInt16BE(7, 6)
    return [message]
  }
  /** Its record's content goes on beyond its end. */
  const overlong: Behaviour = (query) => {
    const message = addressReply(query)
    message.writeUInt16BE(5, message.length - 6)
    return [message]
  }
  /** Its record's name begins with a pointer to itself. */
  const looped: Behaviour = (query) => {
    const place = reply(query).length
    const message = Buffer.concat([reply(query), Buffer.of(0xc0, place, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0)])
    message.writeUInt16BE(1, 6)
    return [message]
  }

  for (const [what, udp] of [
    ['is silent', silent],
    ['sends back the query', echo],
    ['sends noise', noise],
    ['replies with another id', otherId],
    ['replies to another question', otherQuestion],
    ['replies for another type', otherType],
  ] as const) {
    test(`which ${what} is passed by when its time is over`, async (context) => {
      const [bad, good] = [await serveDns(context, { udp }), await serveDns(context, { udp: answers })]
      const resolver = resolverWith({ nameServers: [bad, good], timeoutSeconds: 0.2 })
      // On a busy machine the good one may be late as well.
      const found = await eventually('an answer', () => resolver.lookup(question, patient).catch(() => null))
      assert.deepEqual([found.server, found.records[0]?.value], [`${good.address}:5300`, '10.1.2.3'])
      assert.equal(found.failures[0], `${bad.address}:5300 did not reply within 0.2 s`)
    })
  }

  for (const [what, udp, reason] of [
    ['replies with a broken message', broken, /^replied with what is no DNS message: /],
    ['replies with an endless record', overlong, /^replied with what is no DNS message: it ends too early$/],
    ['replies with an endless name', looped, /^replied with what is no DNS message: a name in it leads to/],
    ['fails', status(2), /^replied SERVFAIL to web\.test\.$/],
    ['refuses', status(5), /^replied REFUSED to web\.test\.$/],
    ['can not do it', status(4), /^replied NOTIMP to web\.test\.$/],
    ['cuts its reply and takes no connection', cut, /^refused the connection over TCP$/],
  ] as const) {
    test(`which ${what} is passed by at once`, async (context) => {
      const [bad, good] = [await serveDns(context, { udp }), await serveDns(context, { udp: answers })]
      const resolver = resolverWith({ nameServers: [bad, good], timeoutSeconds: never })
      const found = await resolver.lookup(question, patient)
      assert.deepEqual([found.server, found.records[0]?.value], [`${good.address}:5300`, '10.1.2.3'])
      const [failure = ''] = found.failures
      assert.ok(failure.startsWith(`${bad.address}:5300 `))
      assert.match(failure.slice(failure.indexOf(' ') + 1), reason)
    })
  }

  for (const [what, tcp, reason] of [
    ['says nothing', silent, 'did not reply within 1 s over TCP'],
    [
      'replies with another id',
      (query, bytes) => otherId(query, bytes).map(framed),
      'replied to another question over TCP',
    ],
    [
      'replies in part',
      (query) => [framed(addressReply(query)).subarray(0, 20)],
      'did not reply within 1 s over TCP',
    ],
  ] as [string, Behaviour, string][]) {
    test(`which cuts its reply and over TCP ${what} is passed by`, async (context) => {
      const bad = await serveDns(context, { udp: cut, tcp })
      const good = await serveDns(context, { udp: answers })
      const resolver = resolverWith({ nameServers: [bad, good], timeoutSeconds: 1 })
      const found = await resolver.lookup(question, patient)
      assert.equal(found.server, `${good.address}:5300`)
      assert.deepEqual(found.failures, [`${bad.address}:5300 ${reason}`])
    })
  }

  test('which is not there is passed by at once', async (context) => {
    const good = await serveDns(context, { udp: answers })
    const gone = { address: loopback(), port: 5300 }
    const resolver = resolverWith({ nameServers: [gone, good], timeoutSeconds: never })
    const found = await resolver.lookup(question, patient)
    assert.deepEqual(found.failures, [`${gone.address}:5300 refused the connection`])
    assert.ok(found.milliseconds < never * 500, `${found.milliseconds} ms`)
  })

  test('forged replies that arrive first are passed over, and the real one counts', async (context) => {
    const behaviours = [otherId, otherQuestion, echo, noise, answers]
    const server = await serveDns(context, {
      udp: (query, bytes) => behaviours.flatMap((behaviour) => behaviour(query, bytes)),
    })
    const { records } = await resolverWith({ nameServers: [server] }).lookup(question, patient)
    assert.deepEqual(
      records.map(({ value }) => value),
      ['10.1.2.3'],
    )
  })

  test('a reply over TCP may come in pieces', async (context) => {
    const bytewise: Behaviour = (query) => Array.from(framed(addressReply(query)), (byte) => Buffer.of(byte))
    const server = await serveDns(context, { udp: cut, tcp: bytewise })
    const found = await resolverWith({ nameServers: [server] }).lookup(question, patient)
    assert.deepEqual([found.transport, found.records[0]?.value], ['TCP', '10.1.2.3'])
    assert.deepEqual(
      server.asked.map(({ transport }) => transport),
      ['UDP', 'TCP'],
    )
  })

  test('a reply that is cut in the middle of a record comes over TCP', async (context) => {
    const server = await serveDns(context, {
      udp(query) {
        const message = addressReply(query)
        message.writeUInt16BE(message.readUInt16BE(2) | TRUNCATED_RESPONSE, 2)
        return [message.subarray(0, -3)]
      },
      tcp: (query) => [framed(addressReply(query))],
    })
    const found = await resolverWith({ nameServers: [server] }).lookup(question, patient)
    assert.deepEqual([found.transport, found.records[0]?.value], ['TCP', '10.1.2.3'])
  })

  test('which knows no EDNS is passed by where EDNS is offered', async (context) => {
    const [bad, good] = [
      await serveDns(context, { udp: status(1) }),
      await serveDns(context, { udp: answers }),
    ]
    const found = await resolverWith({ nameServers: [bad, good], edns0: true }).lookup(question, patient)
    assert.deepEqual(found.failures, [`${bad.address}:5300 replied FORMERR to web.test.`])
    assert.equal(
      (await resolverWith({ nameServers: [bad, good] }).lookup(question, patient)).status,
      'FORMERR',
    )
  })

  test('which only names other servers to ask is passed by', async (context) => {
    const lame = await serveDns(context, { udp: (query) => [reply(query)] })
    const good = await serveDns(context, { udp: answers })
    const found = await resolverWith({ nameServers: [lame, good] }).lookup(question, patient)
    assert.equal(found.records[0]?.value, '10.1.2.3')
    assert.deepEqual(found.failures, [`${lame.address}:5300 only names other servers to ask for web.test.`])
  })

  test('when all fail, the failure itself is shown', async (context) => {
    const server = await serveDns(context, { udp: status(2) })
    const found = await resolverWith({ nameServers: [server] }).lookup(question, patient)
    assert.equal(found.status, 'SERVFAIL')
    assert.match(found.result, /status: SERVFAIL/)
  })

  test('when none replies, each is asked as often as the settings say, and named with its reason', async (context) => {
    const servers = [await serveDns(context, { udp: silent }), { address: loopback(), port: 5300 }] as const
    const resolver = resolverWith({
      nameServers: servers,
      timeoutSeconds: 0.5,
      attempts: 3,
      search: ['a.test', 'b.test'],
    })
    await assert.rejects(resolver.lookup({ type: 'A', name: 'web' }, patient), {
      name: 'LookupError',
      message:
        `no name server replies to web.a.test. or web.: ${servers[0].address}:5300 did not reply within 0.5 s; ` +
        `${servers[1].address}:5300 refused the connection`,
    })
    // The search ends there, and the name itself is tried, as the C library does.
    const names = servers[0].asked.map(({ query }) => query.questions?.[0]?.name)
    assert.deepEqual(names, [...Array<string>(3).fill('web.a.test'), ...Array<string>(3).fill('web')])
  })

  test('nobody is asked where the settings allow no attempt', async () => {
    await assert.rejects(resolverWith({ nameServers: [], attempts: 0 }).lookup(question, patient), {
      name: 'LookupError',
      message: "no name server replies to web.test.: the resolver's options say attempts:0",
    })
  })

  test('a lookup ends when nobody waits for it any more', async (context) => {
    const server = await serveDns(context, { udp: silent })
    const client = new AbortController()
    const lookup = resolverWith({ nameServers: [server], timeoutSeconds: never }).lookup(
      question,
      client.signal,
    )
    await eventually('the query to arrive', () => server.asked.length > 0)
    client.abort()
    await assert.rejects(lookup, { name: 'LookupError', message: /client is gone/ })
  })

  test('whatever follows the question, the lookup ends with records or a reason', async (context) => {
    let rest = Buffer.alloc(0)
    const server = await serveDns(context, {
      udp(query) {
        const message = Buffer.concat([reply(query), rest])
        message.writeUInt16BE(1, 6)
        return [message]
      },
    })
    const resolver = resolverWith({ nameServers: [server], attempts: 1, timeoutSeconds: never })
    const type = fc.oneof(fc.integer({ min: 0, max: 64 }), fc.nat({ max: 0xffff }))
    const content = fc.uint8Array({ maxLength: 80 })
    await fc.assert(
      fc.asyncProperty(type, content, fc.integer({ min: -2, max: 2 }), async (number, bytes, wrong) => {
        const head = Buffer.from('c00c00000001000000090000', 'hex')
        head.writeUInt16BE(number, 2)
        head.writeUInt16BE(Math.max(0, bytes.length + wrong), 10)
        rest = Buffer.concat([head, bytes])
        const ended = await resolver.lookup(question, patient).catch((error: unknown) => error)
        assert.ok(ended instanceof LookupError || Value.Check(DnsAnswer, ended), String(ended))
      }),
      { numRuns: 300 },
    )
  })
})

suite('a lookup', () => {
  const question = { type: 'A', name: 'web.test.' }

  test('is sent with a random id from a random port, and offers EDNS and asks for AD where it is told to', async (context) => {
    const server = await serveDns(context, { udp: (query) => [addressReply(query)] })
    const resolver = resolverWith({ nameServers: [server] })
    for (let count = 0; count < 20; count += 1) await resolver.lookup(question, patient)
    assert.ok(new Set(server.asked.map(({ port }) => port)).size > 10)
    assert.ok(new Set(server.asked.map(({ query }) => query.id)).size > 10)
    await resolverWith({ nameServers: [server], edns0: true, trustAd: true }).lookup(question, patient)
    const told = server.asked.pop()
    for (const { query } of server.asked) {
      assert.equal(query.flags, RECURSION_DESIRED)
      assert.deepEqual(query.additionals, [])
    }
    const [opt] = told?.query.additionals ?? []
    assert.ok(opt?.type === 'OPT')
    assert.deepEqual([told?.query.flags, opt.udpPayloadSize], [RECURSION_DESIRED | AUTHENTIC_DATA, 1232])
  })

  test('asks an IPv6 name server', async (context) => {
    const server = await serveDns(
      context,
      { udp: (query) => [addressReply(query)] },
      { address: '::1', port: 0 },
    )
    const found = await resolverWith({ nameServers: [server] }).lookup(question, patient)
    assert.equal(found.server, `[::1]:${server.port}`)
  })

  test('begins with the next server each time, when told to rotate', async (context) => {
    const behaviour = { udp: ((query) => [addressReply(query)]) satisfies Behaviour }
    const nameServers = [await serveDns(context, behaviour), await serveDns(context, behaviour)]
    const servers = async (conf: Partial<ResolvConf>) => {
      const resolver = resolverWith({ nameServers, ...conf })
      const found: string[] = []
      for (let count = 0; count < 3; count += 1) found.push((await resolver.lookup(question, patient)).server)
      return found
    }
    const [one, other] = nameServers.map(({ address }) => `${address}:5300`)
    assert.deepEqual(await servers({}), [one, one, one])
    assert.deepEqual(await servers({ rotate: true }), [one, other, one])
  })

  test('knows each type by the name that it is shown by', () => {
    for (let number = 1; number <= 0xffff; number += 1) {
      assert.equal(typeNumber(typeName(number).toLowerCase()), number)
    }
    assert.equal(typeNumber('TYPE0'), undefined)
  })

  suite('of a whole zone', () => {
    const soa = {
      type: 'SOA' as const,
      name: 'web.test',
      data: { mname: 'a', rname: 'b', serial: 7, refresh: 1, retry: 1, expire: 1, minimum: 1 },
    }
    const address = (number: number) => ({ type: 'A' as const, name: 'x.test', data: `10.0.0.${number}` })
    const transfer = async (context: TestContext, tcp: Behaviour) => {
      const server = await serveDns(context, { udp: () => [], tcp })
      const resolver = resolverWith({ nameServers: [server], attempts: 1, timeoutSeconds: never })
      return resolver.lookup({ type: 'AXFR', name: 'web.test' }, patient)
    }

    test('goes over TCP, and is put together of all its messages', async (context) => {
      const found = await transfer(context, (query) => [
        framed(reply(query, { answers: [soa, address(1)] })),
        // Those after the first may leave the question out.
        framed(reply({ ...query, questions: [] }, { answers: [address(2)] })),
        framed(reply({ ...query, questions: [] }, { answers: [address(3), soa] })),
      ])
      assert.equal(found.transport, 'TCP')
      const values = found.records.map(({ value }) => value)
      assert.deepEqual(values.slice(1, -1), ['10.0.0.1', '10.0.0.2', '10.0.0.3'])
      assert.deepEqual([values[0], values.at(-1)], Array(2).fill('a. b. 7 1 1 1 1'))
    })

    test('is told of where the server refuses it', async (context) => {
      assert.equal(
        (await transfer(context, (query) => [framed(reply(query, { rcode: 5 }))])).status,
        'REFUSED',
      )
    })

    test('shows 2000 records, and says that there are more', async (context) => {
      const found = await transfer(context, (query) => {
        const many = Array.from({ length: 1000 }, (_, index) => address(index % 250))
        const more = framed(reply({ ...query, questions: [] }, { answers: many }))
        return [framed(reply(query, { answers: [soa, ...many] })), more, more]
      })
      assert.equal(found.records.length, 2000)
      assert.match(found.failures.join(), /sent more than 2000 records$/)
    })
  })

  test('goes over TCP when told to, where each server has one attempt and its word counts', async (context) => {
    const udp: Behaviour = (query) => [addressReply(query)]
    const failing: Behaviour = (query) => [framed(reply(query, { rcode: 2 }))]
    const servers = [
      await serveDns(context, { udp }),
      await serveDns(context, { udp, tcp: failing }),
    ] as const
    const found = await resolverWith({ nameServers: servers, useTcp: true }).lookup(question, patient)
    assert.deepEqual([found.transport, found.status, found.outcome], ['TCP', 'SERVFAIL', 'try again'])
    assert.deepEqual(found.failures, [`${servers[0].address}:5300 refused the connection over TCP`])
    assert.equal(servers[1].asked.length, 1)
  })

  test('gives later servers the time that the C library gives them', async (context) => {
    const silent = { udp: (() => []) satisfies Behaviour }
    const good = await serveDns(context, { udp: (query) => [addressReply(query)] })
    const servers = [good, await serveDns(context, silent), await serveDns(context, silent)]
    // Rotated, it begins with the third: 0.75 s * 4 / 3 servers.
    const resolver = resolverWith({ nameServers: servers, timeoutSeconds: 0.75, rotate: true })
    for (let count = 0; count < 2; count += 1) await resolver.lookup(question, patient)
    const { failures } = await resolver.lookup(question, patient)
    assert.deepEqual(failures, [`${servers[2]?.address ?? ''}:5300 did not reply within 1 s`])
  })

  test('of an empty name asks for the root', async (context) => {
    const server = await serveDns(context, { udp: (query) => [reply(query)] })
    const found = await resolverWith({ nameServers: [server], search: ['a.test'] }).lookup(
      { type: 'NS' },
      patient,
    )
    assert.deepEqual(found.namesTried, ['.'])
    assert.match(found.result, /\n;\.\tIN\t NS\n$/)
  })

  for (const [what, outcomes, replyTo, outcome] of [
    ['the first that has records', ['server failed', 'found'], 'web.b.test.', 'found'],
    ['the first that exists', ['no such name', 'no data', 'server failed'], 'web.b.test.', 'no data'],
    ['the first that a server failed at', ['no such name', 'server failed'], 'web.b.test.', 'try again'],
    ['else the last', [], 'web.', 'no such name'],
  ] as const) {
    test(`tells of ${what}, with what came of each name`, async (context) => {
      const statuses = { found: 0, 'no data': 0, 'no such name': 3, 'server failed': 2 }
      const domains = ['a.test', 'b.test', 'c.test']
      const server = await serveDns(context, {
        udp(query) {
          const name = query.questions?.[0]?.name ?? ''
          const wanted = outcomes[domains.findIndex((domain) => name === `web.${domain}`)] ?? 'no such name'
          const flags = RECURSION_AVAILABLE
          return [wanted === 'found' ? addressReply(query) : reply(query, { flags, rcode: statuses[wanted] })]
        },
      })
      const resolver = resolverWith({ nameServers: [server], search: domains, attempts: 1 })
      const told = await resolver.lookup({ type: 'A', name: 'web' }, patient)
      assert.deepEqual([told.replyTo, told.outcome], [replyTo, outcome])
      assert.match(told.result, new RegExp(`QUESTION SECTION:\n;${RegExp.escape(replyTo)}\t`))
      const names = [...domains.map((domain) => `web.${domain}.`), 'web.']
      assert.deepEqual(told.namesTried, outcome === 'found' ? names.slice(0, 2) : names)
      assert.equal(told.statuses[told.namesTried.indexOf(replyTo)], told.status)
    })
  }

  test('shows an alias to nowhere, which counts for no such name', async (context) => {
    const server = await serveDns(context, {
      udp: (query) => [
        reply(query, { rcode: 3, answers: [{ type: 'CNAME', name: 'web.test', data: 'gone.test' }] }),
      ],
    })
    const told = await resolverWith({ nameServers: [server] }).lookup(question, patient)
    assert.deepEqual([told.outcome, told.records[0]?.value], ['no such name', 'gone.test.'])
  })

  test('shows what /etc/hosts has for a name or an address, since programs take that', async (context) => {
    const server = await serveDns(context, { udp: (query) => [addressReply(query)] })
    const hosts =
      '10.9.9.9 web.test other\n::1 WEB.test # web\n# 10.0.0.1 web.test\nnobody web.test\n10.9.9.9 third'
    const resolver = resolverWith({ nameServers: [server] }, hosts)
    const of = async (type: string, name: string) => (await resolver.lookup({ type, name }, patient)).hosts
    assert.deepEqual(await of('A', 'Web.Test'), ['10.9.9.9', '::1'])
    assert.deepEqual(await of('AAAA', 'third'), ['10.9.9.9'])
    assert.equal(await of('A', 'web'), undefined)
    assert.equal(await of('TXT', 'web.test'), undefined)
    assert.deepEqual(await of('PTR', '10.9.9.9'), ['web.test', 'other', 'third'])
    assert.deepEqual(await of('PTR', '0:0:0:0:0:0:0:1'), ['web.test'])
  })

  test('is shown as text in the layout of dig, section by section, without EDNS', async (context) => {
    const name = 'alpaca-prod.default.svc.cluster.local'
    let id = 0
    const server = await serveDns(context, {
      udp(query) {
        id = query.id
        return [
          reply(query, {
            flags: AUTHORITATIVE_ANSWER | RECURSION_DESIRED | RECURSION_AVAILABLE,
            answers: [{ type: 'A', name, ttl: 30, data: '10.115.245.13' }],
            authorities: [{ type: 'NS', name: 'cluster.local', ttl: 5, data: 'ns.dns.cluster.local' }],
            additionals: [
              { type: 'AAAA', name: 'ns.dns.cluster.local', ttl: 5, data: 'fd00::a' },
              ...(query.additionals ?? []),
            ],
          }),
        ]
      },
    })
    const { result } = await resolverWith({ nameServers: [server] }).lookup({ type: 'A', name }, patient)
    assert.deepEqual(result.split('\n'), [
      `;; opcode: QUERY, status: NOERROR, id: ${id}`,
      ';; flags: qr aa rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 1, ADDITIONAL: 1',
      '',
      ';; QUESTION SECTION:',
      `;${name}.\tIN\t A`,
      '',
      ';; ANSWER SECTION:',
      `${name}.\t30\tIN\tA\t10.115.245.13`,
      '',
      ';; AUTHORITY SECTION:',
      'cluster.local.\t5\tIN\tNS\tns.dns.cluster.local.',
      '',
      ';; ADDITIONAL SECTION:',
      'ns.dns.cluster.local.\t5\tIN\tAAAA\tfd00::a',
      '',
    ])
  })

  test('shows a name that tries to look like another line on its own line', async (context) => {
    const server = await serveDns(context, {
      udp: (query) => [
        reply(query, { answers: [{ type: 'CNAME', name: 'web.test', data: 'a\n;; b "c".test' }] }),
      ],
    })
    const { records } = await resolverWith({ nameServers: [server] }).lookup(question, patient)
    assert.equal(records[0]?.value, 'a\\010\\;\\;\\032b\\032\\"c\\".test.')
  })

  test('has no answer while the settings can not be read, and says why', async () => {
    const resolver = new Resolver({
      resolvConf: () => readResolvConf({}, '/'),
      hosts: () => Promise.resolve([]),
    })
    await assert.rejects(resolver.lookup(question, patient), { name: 'LookupError', message: /EISDIR/ })
  })
})
