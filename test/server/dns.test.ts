/** The DNS Query page, over HTTP. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { suite, test } from 'node:test'
import { DnsAnswer, DnsCost, DnsTrace } from '../../server/features/dns/wire.ts'
import type { NameServer } from '../../server/host/resolv-conf.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { loopback, serveDns, startDnsmasq } from '../support/name-servers.ts'
import { prefixes } from '../support/prefixes.ts'
import { startWithResolvConf, whyNoResolvConf } from '../support/resolv-conf.ts'

const ask = (kuard: Kuard, body: unknown, prefix = '') =>
  kuard.post(`${prefix}/dns/api`, JSON.stringify(body))

test('what can not be asked is refused in plain words', async (context) => {
  const kuard = await startKuard(context)
  for (const [body, reason] of [
    [{ type: 'ZZ', name: 'web' }, /^Unknown DNS type: ZZ\n$/],
    [{ type: 'UNKNOWN_1', name: 'web' }, /^Unknown DNS type: UNKNOWN_1\n$/],
    [{ type: 'TYPE65536', name: 'web' }, /^Unknown DNS type: TYPE65536\n$/],
    [{ type: '' }, /^type must not have fewer than 1 characters/],
    [{ type: 'A', name: 'a..b' }, /^this name can't be asked for: /],
    [{ name: 'web' }, /type/],
    [{ type: 'A', name: 7 }, /^name must be string/],
  ] as const) {
    const answer = await ask(kuard, body)
    assert.equal(answer.status, 400)
    assert.match(String(answer.headers['content-type']), /^text\/plain/)
    assert.match(answer.text, reason)
  }
})

test('the page can be switched off by its name', async (context) => {
  const kuard = await startKuard(context, ['--disable=dns'])
  assert.equal((await ask(kuard, { type: 'A', name: 'web' })).status, 404)
})

suite("with the server's own /etc/resolv.conf", { skip: whyNoResolvConf() }, () => {
  test('a name is looked up under every prefix, and by a server that is read-only', async (context) => {
    const { address } = await startDnsmasq(context, ['--host-record=queue.svc.test,10.1.2.3'], 53)
    const conf = `search ns.test svc.test\nnameserver ${address}\noptions ndots:5\n`
    const { kuard } = await startWithResolvConf(context, conf, ['--read-only'])
    for (const prefix of prefixes) {
      const answer = await ask(kuard, { type: 'a', name: 'queue' }, prefix)
      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.headers['cache-control'], 'no-cache, private, max-age=0')
      const { result, milliseconds, ...rest } = answer.json(DnsAnswer)
      assert.deepEqual(rest, {
        status: 'NOERROR',
        outcome: 'found',
        records: [
          { section: 'answer', name: 'queue.svc.test.', ttl: 0, class: 'IN', type: 'A', value: '10.1.2.3' },
        ],
        namesTried: ['queue.ns.test.', 'queue.svc.test.'],
        statuses: ['NXDOMAIN', 'NOERROR'],
        replyTo: 'queue.svc.test.',
        server: `${address}:53`,
        transport: 'UDP',
        failures: [],
      })
      assert.match(result, /ANSWER SECTION:\nqueue\.svc\.test\.\t0\tIN\tA\t10\.1\.2\.3\n$/)
      assert.ok(milliseconds > 0)
    }
  })

  test('a server that is read-only asks its own name servers for anything, and no others', async (context) => {
    const { address } = await startDnsmasq(context, ['--host-record=web.test,10.1.2.3'], 53)
    const { kuard } = await startWithResolvConf(context, `nameserver ${address}\n`, ['--read-only'])
    const post = (path: string, body: unknown) => kuard.post(`/dns/${path}`, JSON.stringify(body))
    const question = { type: 'A', name: 'web.test' }
    assert.equal((await post('trace', question)).json(DnsTrace).queries[0]?.status, 'NOERROR')
    assert.deepEqual((await post('cost', { name: 'web.test' })).json(DnsCost).addresses, ['10.1.2.3'])
    assert.equal((await post('servers', question)).status, 403)
  })

  test('the settings are read anew for each lookup', async (context) => {
    const { address } = await startDnsmasq(context, ['--host-record=web.test,10.1.2.3'], 53)
    const { kuard, rewrite } = await startWithResolvConf(context, `nameserver ${loopback()}\n`)
    const question = { type: 'A', name: 'web.test' }
    assert.equal((await ask(kuard, question)).status, 400)
    await rewrite(`nameserver ${address}\n`)
    assert.equal((await ask(kuard, question)).json(DnsAnswer).records[0]?.value, '10.1.2.3')
  })

  test('servers that do not reply are a 400 that names each, and hold nothing else up', async (context) => {
    const silent = await serveDns(context, { udp: () => [] }, { port: 53 })
    const gone = loopback()
    const conf = `nameserver ${silent.address}\nnameserver ${gone}\noptions timeout:1 attempts:1\n`
    const { kuard } = await startWithResolvConf(context, conf)
    const lookup = ask(kuard, { type: 'A', name: 'web.test' })
    assert.equal((await kuard.get('/healthy')).status, 200)
    const { status, text } = await lookup
    assert.deepEqual(
      [status, text],
      [
        400,
        `no name server replies to web.test.: ${silent.address}:53 did not reply within 1 s; ${gone}:53 refused the connection\n`,
      ],
    )
  })

  test('of the names that this server itself looks up, two at a time may keep its threads', async (context) => {
    const silent = await serveDns(context, { udp: () => [] }, { port: 53 })
    const conf = `nameserver ${silent.address}\noptions timeout:2 attempts:1\n`
    const { kuard } = await startWithResolvConf(context, conf, ['--keygen-workers=4'])
    const start = performance.now()
    const config = { enable: true, memQServer: 'http://queue.test/', memQQueue: 'q' }
    assert.equal((await kuard.put('/keygen', config)).status, 200)
    // Each look-up has a port of its own.
    const lookUps = () => new Set(silent.asked.map(({ port }) => port)).size
    await eventually('a third look-up', () => lookUps() > 2)
    assert.ok(performance.now() - start > 1_900, 'it began before the others had ended')
  })

  test('a client that leaves ends its lookup', async (context) => {
    const silent = await serveDns(context, { udp: () => [] }, { port: 53 })
    const conf = `nameserver ${silent.address}\noptions timeout:30 attempts:5\n`
    const { kuard } = await startWithResolvConf(context, conf)
    const client = httpRequest({ port: kuard.port, method: 'POST', path: '/dns/api', agent: false })
    client.on('error', () => undefined)
    client.end(JSON.stringify({ type: 'A', name: 'web.test' }))
    await eventually('the query to arrive', () => silent.asked.length > 0)
    assert.ok(await hasSocketTo(silent))
    client.destroy()
    await eventually("the lookup's socket to be closed", async () => !(await hasSocketTo(silent)), 15_000)
  })
})

/** Whether a UDP socket of this machine is connected to a server (proc(5), /proc/net/udp). */
async function hasSocketTo({ address, port }: NameServer): Promise<boolean> {
  const number = Buffer.from(address.split('.').map(Number)).readUInt32LE()
  const hex = (value: number, digits: number) => value.toString(16).toUpperCase().padStart(digits, '0')
  return (await readFile('/proc/net/udp', 'utf8')).includes(` ${hex(number, 8)}:${hex(port, 4)} 01 `)
}
