/** The resolver beside the C library's own: generated settings and names, the same name servers, and what each makes of them. */
import assert from 'node:assert/strict'
import { suite, test, type TestContext } from 'node:test'
import { AUTHENTIC_DATA, decode, RECURSION_AVAILABLE, TRUNCATED_RESPONSE } from 'dns-packet'
import fc from 'fast-check'
import { typeNumber } from '../../server/features/dns/types.ts'
import { DnsAnswer } from '../../server/features/dns/wire.ts'
import { startCLibrary } from '../support/c-library.ts'
import { startKuard } from '../support/kuard.ts'
import { framed, loopback, reply, serveDns, startDnsmasq, type Query } from '../support/name-servers.ts'
import { etcFiles, whyNoResolvConf } from '../support/resolv-conf.ts'

/** What is wrong with a zone, by its first label (RFC 1035, section 4.1.1; RFC 2136). */
const statuses: Partial<Record<string, number>> = {
  mangle: 1,
  fail: 2,
  none: 3,
  unable: 4,
  refuse: 5,
  strange: 9,
}

/** Answers as the zone says; where nothing is wrong with it, `web` has an address, `alias` leads nowhere and `big` needs TCP. */
function scripted(query: Query, transport: 'UDP' | 'TCP'): Buffer {
  const [asked] = query.questions ?? []
  assert.ok(asked)
  const { name, type } = asked
  const [first, zone = ''] = name.toLowerCase().split('.')
  const flags = RECURSION_AVAILABLE
  if (zone === 'lame') return reply(query)
  if (first === 'big' && transport === 'UDP') return reply(query, { flags: flags | TRUNCATED_RESPONSE })
  const rcode = statuses[zone] ?? 0
  if (first === 'alias') {
    return reply(query, { flags, rcode, answers: [{ type: 'CNAME', name, data: 'nowhere.odd' }] })
  }
  const has = rcode === 0 && zone !== 'empty' && type === 'A' && first !== 'gone'
  return reply(query, { flags, rcode, answers: has ? [{ type: 'A', name, data: '10.1.2.3' }] : [] })
}

const behaviour = {
  udp: (query: Query) => [scripted(query, 'UDP')],
  tcp: (query: Query) => [framed(scripted(query, 'TCP'))],
}

const domains =
  'one.test two.test TWO.test .one.test one.test. . has.odd empty.odd mangle.odd fail.odd none.odd unable.odd refuse.odd strange.odd lame.odd'
const names =
  'web six mail gone alias big web.one.test web.two web.has web.empty.odd web.fail gone.one.test a.b.c web.none.odd'
/** Together too long; the C library (2.36) itself fails at a list of domains of more than 256 bytes. */
const longDomain = Array(3).fill('x'.repeat(60)).join('.')
const longName = Array(2).fill('y'.repeat(40)).join('.')
const options =
  'ndots:0 ndots:1 ndots:2 ndots:3 ndots:99 ndots:x attempts:1 attempts:3 attempts:0 attempts:99 ' +
  'timeout:1 timeout:0 use-vc edns0 trust-ad no-tld-query no_tld_query edns0x debug single-request'

const one = (words: string) => fc.constantFrom(...words.split(' '))
const spaced = (arbitrary: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(arbitrary, { maxLength }).map((words) => words.join(' '))

/** The lines of a resolv.conf beside its servers, in any order. */
const line = fc.oneof(
  {
    weight: 4,
    arbitrary: spaced(
      fc.oneof({ weight: 9, arbitrary: one(domains) }, { weight: 1, arbitrary: fc.constant(longDomain) }),
      4,
    ).map((list) => `search ${list}`),
  },
  { weight: 4, arbitrary: spaced(one(options), 3).map((list) => `options ${list}`) },
  fc.constantFrom(
    'domain two.test',
    'search',
    '# search has.odd',
    ' search has.odd',
    'options\tndots:4',
    'nameserver here',
    'search\thas.odd\tone.test ',
  ),
)

const settings = fc.record({
  lines: fc.array(line, { maxLength: 4 }),
  nameServers: fc.uniqueArray(one('real odd gone'), { minLength: 1, maxLength: 3 }),
  server: fc.nat({ max: 3 }),
})
const question = fc.record({
  name: fc
    .tuple(one(`${names} ${longName}`), fc.constantFrom('', '', '', '.'))
    .map((parts) => parts.join('')),
  type: one('A A AAAA AAAA MX TXT'),
})

const hostName = one('web WEB web.test web. other.test')
const hostsLine = fc.oneof(
  fc
    .tuple(
      one('127.0.0.1 ::1 10.0.0.1 10.0.0.2 fd00::1 FD00::2 010.0.0.3 nobody'),
      fc.array(hostName, { maxLength: 3 }),
      fc.constantFrom('', '# web', '\t#'),
    )
    .map(([address, all, end]) => [address, ...all, end].join(' ')),
  fc.constantFrom('', '# 10.0.0.9 web', ' \t10.0.0.4\tweb.test  web '),
)

const records = [
  '--host-record=web.one.test,10.1.2.3',
  '--host-record=six.one.test,fd00::1',
  '--host-record=web.two.test,fd00::2',
  '--mx-host=mail.two.test,mx.test',
]
const addressTypes = ['A', 'AAAA']

/** What the servers' environments say. */
const environments: readonly Readonly<Record<string, string>>[] = [
  {},
  { RES_OPTIONS: 'ndots:3 use-vc' },
  { LOCALDOMAIN: 'fail.odd one.test', RES_OPTIONS: 'no-tld-query attempts:1' },
  { LOCALDOMAIN: '', RES_OPTIONS: 'edns0 trust-ad' },
]

/** How netdb.h calls what the API tells of: for res_search, and for getaddrinfo. */
const errors: Readonly<Record<Exclude<DnsAnswer['outcome'], 'found'>, readonly [string, number]>> = {
  'no data': ['NO_DATA', -5],
  'no such name': ['HOST_NOT_FOUND', -2],
  'try again': ['TRY_AGAIN', -3],
  'no recovery': ['NO_RECOVERY', -4],
}

/** Servers with each environment, the C library beside them, and a name server that remembers what it was asked. */
async function startAll(context: TestContext) {
  const behind = await serveDns(context, behaviour, { port: 53 })
  const odd = await serveDns(context, behaviour, { port: 53 })
  const real = await startDnsmasq(
    context,
    [...records, `--server=/odd/${behind.address}`, '--cache-size=0'],
    53,
  )
  const etc = await etcFiles(context, {})
  const servers = await Promise.all(
    environments.map(async (environment) => ({
      environment,
      kuard: await startKuard(context, [], { under: etc.under, env: environment }),
    })),
  )
  return {
    etc,
    servers,
    library: startCLibrary(context, etc),
    places: { real: real.address, odd: odd.address, gone: loopback() } as Partial<Record<string, string>>,
    /** What the name server was asked since the last call. */
    asked: () =>
      odd.asked.splice(0).map(({ transport, query: { questions, additionals = [], flags = 0 } }) => {
        const [first] = questions ?? []
        return [transport, first?.name, first?.type, additionals.length, flags & AUTHENTIC_DATA].join(' ')
      }),
  }
}

suite('beside the C library', { skip: whyNoResolvConf() }, () => {
  test('a name is looked up by the same questions and to the same end', async (context) => {
    const { etc, servers, library, places, asked } = await startAll(context)
    const seen = new Set<string>()
    const property = fc.asyncProperty(
      settings,
      question,
      async ({ nameServers, lines, server }, { name, type }) => {
        const text = [...nameServers.map((one) => `nameserver ${places[one] ?? ''}`), ...lines].join('\n')
        await etc.rewrite({ 'resolv.conf': text })
        const { kuard, environment } = servers[server] ?? assert.fail()
        const given = { name, type: typeNumber(type) ?? 0, environment }
        asked()
        const theirs = await library({ call: 'res_search', ...given })
        const theirQuestions = asked()
        const answer = await kuard.post('/dns/api', JSON.stringify({ name, type }))
        const ours = answer.status === 200 ? answer.json(DnsAnswer) : undefined
        const outcome = ours?.outcome ?? 'try again'
        seen.add(outcome)

        const told = JSON.stringify({ text, ...given, theirs, ours: ours ?? answer.text }, null, 1)
        const [error, number] = outcome === 'found' ? [] : errors[outcome]
        assert.equal(error, theirs.error, told)
        assert.deepEqual(asked(), theirQuestions, told)
        if (theirs.reply !== undefined) {
          const { questions: [found] = [] } = decode(Buffer.from(theirs.reply, 'hex'))
          assert.equal(ours?.replyTo, `${found?.name ?? ''}.`, told)
        }
        if (!addressTypes.includes(type)) return
        const programs = await library({ call: 'getaddrinfo', ...given })
        const addresses = ours?.records.filter((record) => record.type === type).map(({ value }) => value)
        if (outcome === 'found' && addresses?.length) assert.deepEqual(programs.addresses, addresses, told)
        else assert.ok(programs.error === number || outcome !== 'no data', told)
      },
    )
    // An end that none came to would be held to nothing; one of them is rare.
    for (let round = 0; round < 6 && seen.size < 5; round += 1)
      await fc.assert(property, { numRuns: 120, interruptAfterTimeLimit: 15_000 })
    assert.equal(seen.size, 5)
  })

  test('what /etc/hosts has for a name is what programs get', async (context) => {
    const { address } = await serveDns(context, behaviour, { port: 53 })
    const etc = await etcFiles(context, { 'resolv.conf': `nameserver ${address}\n` })
    const kuard = await startKuard(context, [], { under: etc.under })
    const library = startCLibrary(context, etc)
    const property = fc.asyncProperty(
      fc.array(hostsLine, { maxLength: 6 }),
      hostName,
      async (lines, name) => {
        await etc.rewrite({ hosts: `${lines.join('\n')}\n` })
        const { addresses } = await library({ call: 'getaddrinfo', name })
        const { hosts, records } = (await kuard.post('/dns/api', JSON.stringify({ type: 'A', name }))).json(
          DnsAnswer,
        )
        const told = `${name}\n${lines.join('\n')}`
        assert.deepEqual(new Set(addresses), new Set(hosts ?? records.map(({ value }) => value)), told)
      },
    )
    await fc.assert(property, { numRuns: 60, interruptAfterTimeLimit: 10_000 })
  })
})
