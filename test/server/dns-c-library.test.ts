/** The resolver beside the C library's own: generated settings and names, the same name servers, and what each makes of them. */
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { AUTHENTIC_DATA, decode, RECURSION_AVAILABLE, TRUNCATED_RESPONSE } from 'dns-packet'
import fc from 'fast-check'
import { typeNumber } from '../../server/features/dns/types.ts'
import { DnsAnswer } from '../../server/features/dns/wire.ts'
import { startCLibrary } from '../support/c-library.ts'
import { startKuard, type Answer } from '../support/kuard.ts'
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
const types = ['A', 'AAAA', 'MX', 'TXT']

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
  servers: fc.uniqueArray(one('real odd gone'), { minLength: 1, maxLength: 3 }),
  server: fc.nat({ max: 3 }),
})
const question = fc.record({
  name: fc
    .tuple(one(`${names} ${longName}`), fc.constantFrom('', '', '', '.'))
    .map((parts) => parts.join('')),
  type: fc.constantFrom(...types),
})

/** What the servers' environments say. */
const environments: readonly Readonly<Record<string, string>>[] = [
  {},
  { RES_OPTIONS: 'ndots:3 use-vc' },
  { LOCALDOMAIN: 'fail.odd one.test', RES_OPTIONS: 'no-tld-query attempts:1' },
  { LOCALDOMAIN: '', RES_OPTIONS: 'edns0 trust-ad' },
]

/** How netdb.h calls what the API tells of. */
const h_errno: Partial<Record<DnsAnswer['outcome'], string>> = {
  'no such name': 'HOST_NOT_FOUND',
  'try again': 'TRY_AGAIN',
  'no recovery': 'NO_RECOVERY',
  'no data': 'NO_DATA',
}

suite('beside the C library', { skip: whyNoResolvConf() }, () => {
  test('every name is looked up by the same questions and to the same end', async (context) => {
    const behind = await serveDns(context, behaviour, { port: 53 })
    const odd = await serveDns(context, behaviour, { port: 53 })
    const real = await startDnsmasq(
      context,
      [
        '--host-record=web.one.test,10.1.2.3',
        '--host-record=six.one.test,fd00::1',
        '--host-record=web.two.test,fd00::2',
        '--mx-host=mail.two.test,mx.test',
        `--server=/odd/${behind.address}`,
        '--cache-size=0',
      ],
      53,
    )
    const places: Partial<Record<string, string>> = { real: real.address, odd: odd.address, gone: loopback() }
    const etc = await etcFiles(context, {})
    const library = startCLibrary(context, etc)
    const servers = await Promise.all(
      environments.map((env) => startKuard(context, [], { under: etc.under, env })),
    )
    const asked = () =>
      odd.asked.splice(0).map(({ transport, query: { questions, additionals = [], flags = 0 } }) => {
        const [{ name = '', type = '' } = {}] = questions ?? []
        return [transport, name, type, additionals.length, flags & AUTHENTIC_DATA].join(' ')
      })

    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        settings,
        fc.array(question, { minLength: 1, maxLength: 3 }),
        async (conf, questions) => {
          const lines = [...conf.servers.map((server) => `nameserver ${places[server] ?? ''}`), ...conf.lines]
          await etc.rewrite({ 'resolv.conf': `${lines.join('\n')}\n` })
          const [kuard, environment] = [servers[conf.server], environments[conf.server]]
          assert.ok(kuard && environment)
          for (const { name, type } of questions) {
            asked()
            const theirs = await library({
              call: 'res_search',
              name,
              type: typeNumber(type) ?? 0,
              environment,
            })
            const theirQuestions = asked()
            const answer: Answer = await kuard.post('/dns/api', JSON.stringify({ name, type }))
            const ours = answer.status === 200 ? answer.json(DnsAnswer) : undefined
            const told: string = `${lines.join('\n')}\n${JSON.stringify([environment, name, type, theirs])}\n${answer.text}`
            const outcome = h_errno[ours?.outcome ?? 'try again']
            seen.add(outcome ?? 'found')
            assert.equal(outcome, theirs.error, told)
            assert.deepEqual(asked(), theirQuestions, told)
            if (theirs.reply !== undefined) {
              const { questions: [found] = [] } = decode(Buffer.from(theirs.reply, 'hex'))
              assert.equal(ours?.replyTo, `${found?.name ?? ''}.`)
            }
          }
        },
      ),
      { numRuns: 200, interruptAfterTimeLimit: 15_000, markInterruptAsFailure: false },
    )
    // Else the generator would hold nothing to anything.
    assert.equal(seen.size, 5)
  })
})
