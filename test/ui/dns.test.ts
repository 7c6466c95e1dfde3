/** The DNS Query tab. */
import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { suite, test, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { DnsAnswer } from '../../server/features/dns/wire.ts'
import { accessibilityViolations, openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import {
  addressReply,
  framed,
  loopback,
  reply,
  serveDns,
  startDnsmasq,
  type Query,
} from '../support/name-servers.ts'
import { startPod, startService } from '../support/service.ts'
import { etcFiles, startWithResolvConf, whyNoResolvConf } from '../support/resolv-conf.ts'

/** A server whose name server knows `queue.svc.test`, with two search domains. */
async function startWithNames(context: TestContext): Promise<{ kuard: Kuard; address: string }> {
  const { address } = await startDnsmasq(
    context,
    [
      '--host-record=queue.svc.test,10.1.2.3,fd00::1,30',
      '--srv-host=_http._tcp.queue.svc.test,queue.svc.test,8080',
      '--txt-record=text.test,"a ""quoted"" text"',
    ],
    53,
  )
  const conf = `search ns.test svc.test\nnameserver ${address}\noptions ndots:5 timeout:10 attempts:1\n`
  const { kuard } = await startWithResolvConf(context, conf)
  return { kuard, address }
}

async function query(page: Page, type: string, name: string): Promise<void> {
  await page.getByLabel('Type').fill(type)
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.keyboard.press('Enter')
}

const badge = (page: Page, word: string) => page.getByRole('status').filter({ hasText: word })
const recent = (page: Page) => page.getByRole('button', { name: /^[A-Z]+ \S/ }).allInnerTexts()

test('a type that does not exist is refused in words beside the form', async (context) => {
  const kuard = await startKuard(context)
  const page = await openPage(context, kuard, '/-/dns', { mayComplain: /400/ })
  await page.getByText('The reply will be shown here').waitFor()
  await query(page, 'ZZ', 'web')
  await page.getByRole('alert').filter({ hasText: 'Unknown DNS type: ZZ' }).waitFor()
  await query(page, 'A', 'a..b')
  await page.getByRole('alert').filter({ hasText: "this name can't be asked for" }).waitFor()
  assert.equal(await page.getByRole('alert').count(), 1)
})

suite("with the server's own /etc/resolv.conf", { skip: whyNoResolvConf() }, () => {
  for (const prefix of ['', '/a']) {
    test(`a name is looked up by its search domains on ${prefix}/-/dns`, async (context) => {
      const { kuard, address } = await startWithNames(context)
      const page = await openPage(context, kuard, `${prefix}/-/dns`)
      await query(page, 'a', ' queue ')
      await badge(page, 'found').filter({ hasText: 'NOERROR, 1 record' }).waitFor()
      const cells = page.getByRole('table', { name: 'The records of the reply' }).getByRole('cell')
      assert.deepEqual(
        (await cells.allInnerTexts()).map((text) => text.trim().replace(/^\d+ s( of 30 s)?$/, 'its TTL')),
        ['answer', 'queue.svc.test.', 'its TTL', 'IN', 'A', '10.1.2.3'],
      )
      assert.deepEqual(await page.getByRole('main').locator('ol').getByRole('listitem').allInnerTexts(), [
        'queue.ns.test. no such name',
        'queue.svc.test. answered',
      ])
      await page.getByText(`${address}:53 over UDP`).waitFor()
      await page.getByText(/^\d[\d.]* ms$/).waitFor()
      const text = await page.getByRole('region', { name: 'As dig shows it' }).innerText()
      assert.match(text, /ANSWER SECTION:\nqueue\.svc\.test\.\t30\tIN\tA\t10\.1\.2\.3\n/)
      assert.equal(page.url(), `${kuard.url}${prefix}/-/dns?type=A&name=queue`)
    })
  }

  test('an address with a question asks it by itself, and its values can be copied', async (context) => {
    const { kuard } = await startWithNames(context)
    const page = await openPage(context, kuard, '/c/-/dns?type=SRV&name=_http._tcp.queue.svc.test.', {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await badge(page, 'found').waitFor()
    await kuard.logged(/POST \/c\/dns\/trace /)
    assert.equal(kuard.lines.filter((line) => line.includes('POST /c/dns/trace')).length, 1)
    assert.equal(await page.getByLabel('Type').inputValue(), 'SRV')
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), '_http._tcp.queue.svc.test.')
    await page.getByRole('button', { name: 'Copy value' }).first().click()
    const clipboard = () => page.evaluate<string>('navigator.clipboard.readText()')
    await eventually('the value to be copied', async () => (await clipboard()) === '0 0 8080 queue.svc.test.')
    await page.getByRole('button', { name: 'Copy the reply' }).click()
    await eventually('the reply to be copied', async () => (await clipboard()).startsWith(';; opcode: QUERY'))
    await page.reload()
    await badge(page, 'found').waitFor()
  })

  test('what a reply without records means is said in words', async (context) => {
    const { kuard } = await startWithNames(context)
    const page = await openPage(context, kuard, '/-/dns')
    await query(page, 'A', 'missing.svc.test.')
    await badge(page, 'no such name').filter({ hasText: 'NXDOMAIN' }).waitFor()
    await page.getByText('The reply has no records.').waitFor()
    await query(page, 'mx', 'queue.svc.test.')
    await badge(page, 'nothing of this type')
      .filter({ hasText: 'queue.svc.test. has no MX record' })
      .waitFor()
    assert.deepEqual(await page.getByRole('main').locator('ol').getByRole('listitem').allInnerTexts(), [
      'queue.svc.test. exists, without such a record; this reply is shown',
    ])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      assert.deepEqual(await accessibilityViolations(page), [])
    }
  })

  test('a name that exists without such a record is told of, whatever is tried after it', async (context) => {
    const { kuard } = await startWithNames(context)
    const page = await openPage(context, kuard, '/-/dns?type=MX&name=queue')
    await badge(page, 'nothing of this type').filter({ hasText: 'queue.svc.test. has no MX' }).waitFor()
    const tried = await page.getByRole('main').locator('ol').getByRole('listitem').allInnerTexts()
    assert.deepEqual(tried.slice(0, 2), [
      'queue.ns.test. no such name',
      'queue.svc.test. exists, without such a record; this reply is shown',
    ])
    assert.equal(tried.length, 3)
  })

  test('what /etc/hosts has for the name stands beside the reply, and how the name was asked for', async (context) => {
    const { address } = await serveDns(context, { udp: (asked) => [addressReply(asked)] }, { port: 53 })
    const etc = await etcFiles(context, {
      'resolv.conf': `nameserver ${address}\n`,
      hosts: '10.9.9.9 xn--bcher-kva.test web.test\n',
    })
    const kuard = await startKuard(context, [], { under: etc.under })
    const page = await openPage(context, kuard, '/-/dns')
    await query(page, 'A', 'bücher.test')
    await page.getByText('asked for as xn--bcher-kva.test').waitFor()
    await page.getByText('/etc/hosts has this name.').waitFor()
    await page.getByRole('listitem').filter({ hasText: '10.9.9.9' }).waitFor()
    assert.deepEqual(await accessibilityViolations(page), [])
    await query(page, 'PTR', '10.9.9.9')
    await page.getByText('asked for as 9.9.9.10.in-addr.arpa.').waitFor()
    await page.getByText('/etc/hosts has this address.').waitFor()
    await page.getByRole('listitem').filter({ hasText: 'web.test' }).waitFor()
    await query(page, 'A', 'other.test')
    await page.getByText('/etc/hosts has this').waitFor({ state: 'detached' })
  })

  test('each message of a look-up is listed with what was said, and what a program’s takes, with the advice', async (context) => {
    const { kuard, address } = await startWithNames(context)
    const page = await openPage(context, kuard, '/-/dns')
    await query(page, 'A', 'queue')
    const messages = page.getByRole('table', { name: 'Each message of this look-up' }).getByRole('row')
    await messages.nth(2).waitFor()
    const texts = (await messages.allInnerTexts()).slice(1).map((text) => text.split(/\s*\t\s*/))
    assert.deepEqual(
      texts.map(([number, asked, server, transport, ...others]) => [
        number,
        asked,
        server,
        transport,
        others.at(-1),
      ]),
      [
        ['1', 'A queue.ns.test.', `${address}:53`, 'UDP', 'no such name'],
        ['2', 'A queue.svc.test.', `${address}:53`, 'UDP', '1 record A 10.1.2.3'],
      ],
    )
    const figures = page.getByRole('main').locator('dl', { hasText: 'Queries, A and AAAA' }).locator('dd')
    await eventually('the queries to be counted', async () => {
      return (await figures.allInnerTexts()).join() === '4,2,5'
    })
    await page.getByText('2 queries of 4 are wasted: queue has 0 dots, fewer than ndots (5)').waitFor()
    await page.getByText('Write queue.svc.test. with its final dot').waitFor()
    await page.getByText('Each of them').click()
    await page.getByRole('table', { name: 'The queries of a program’s look-up' }).waitFor()
    assert.deepEqual(await accessibilityViolations(page), [])
    await query(page, 'AAAA', 'queue.svc.test.')
    await page.getByText('None is wasted: queue.svc.test. is the first name that is tried.').waitFor()
    await query(page, 'AAAA', 'gone.svc.test.')
    await page.getByText('A program sends 2 queries to hear that there is no address.').waitFor()
  })

  test('times to live count down, also that of a name that is not there', async (context) => {
    const soa = { mname: 'a', rname: 'b', serial: 7, refresh: 1, retry: 1, expire: 1, minimum: 20 }
    const { address } = await serveDns(
      context,
      {
        udp: (asked) => [
          asked.questions?.[0]?.name === 'web.test'
            ? addressReply(asked)
            : reply(asked, { rcode: 3, authorities: [{ type: 'SOA', name: 'test', ttl: 60, data: soa }] }),
        ],
      },
      { port: 53 },
    )
    const { kuard } = await startWithResolvConf(context, `nameserver ${address}\n`)
    const page = await openPage(context, kuard, '/-/dns')
    await query(page, 'TXT', 'web.test.')
    await page.getByRole('cell', { name: /^2\d s of 30 s$/ }).waitFor()
    await query(page, 'TXT', 'gone.test.')
    await page.getByText(/That there is none may be kept for 1\d s of 20 s/).waitFor()
  })

  test('an address is asked for by PTR, though the form begins with A', async (context) => {
    const { kuard } = await startWithNames(context)
    const page = await openPage(context, kuard, '/-/dns')
    for (const [address, name] of [
      ['10.1.2.3', '3.2.1.10.in-addr.arpa.'],
      ['fd00::1', `1.${'0.'.repeat(29)}d.f.ip6.arpa.`],
    ] as const) {
      await query(page, 'A', address)
      await page.getByText(`asked for as ${name}`).waitFor()
      assert.equal(await page.getByLabel('Type').inputValue(), 'PTR')
      await page.getByRole('cell', { name: 'queue.svc.test. Copy value' }).waitFor()
    }
    await query(page, 'TXT', '10.1.2.3')
    await page.getByRole('cell', { name: 'TXT 10.1.2.3.', exact: true }).waitFor()
    assert.equal(await page.getByLabel('Type').inputValue(), 'TXT')
  })

  test('what SRV records lead to is shown with its addresses', async (context) => {
    const { kuard } = await startWithNames(context)
    const page = await openPage(context, kuard, '/-/dns?type=SRV&name=_http._tcp.queue.svc.test.')
    const targets = page.getByRole('table', { name: 'Where the records lead to' })
    await targets.getByRole('cell', { name: 'queue.svc.test.' }).waitFor()
    await targets.getByRole('cell', { name: '10.1.2.3' }).filter({ hasText: 'fd00::1' }).waitFor()
    await targets.getByRole('cell', { name: 'along with the reply' }).waitFor()
  })

  test('a name server that is stale shows beside the others, and one that is gone', async (context) => {
    const zone = (serial: number, address: string) => (asked: Query) => {
      const data = { mname: 'a', rname: 'b', serial, refresh: 1, retry: 1, expire: 1, minimum: 20 }
      return asked.questions?.[0]?.type === 'SOA'
        ? [reply(asked, { flags: 0x80, authorities: [{ type: 'SOA', name: 'test', data }] })]
        : [addressReply(asked, address)]
    }
    const fresh = await serveDns(context, { udp: zone(8, '10.0.0.2') }, { port: 53 })
    const stale = await serveDns(context, { udp: zone(7, '10.0.0.1') }, { port: 53 })
    const { kuard } = await startWithResolvConf(context, `nameserver ${fresh.address}\n`)
    const page = await openPage(context, kuard, '/-/dns?type=A&name=web.test.')
    await page.getByRole('button', { name: 'Ask each name server' }).click()
    await badge(page, 'only one server').waitFor()
    await page.getByLabel('Further name servers').fill(`${stale.address}, ${loopback()}`)
    await page.getByRole('button', { name: 'Ask each name server' }).click()
    await badge(page, 'they differ')
      .filter({ hasText: `1 server without a reply; an older zone: ${stale.address}:53` })
      .waitFor()
    const rows = page.getByRole('table', { name: 'What each name server says' }).getByRole('row')
    await rows
      .filter({ hasText: `${fresh.address}:53` })
      .filter({ hasText: /resolv\.conf.*8 of test\./s })
      .waitFor()
    await rows
      .filter({ hasText: `${stale.address}:53` })
      .filter({ hasText: /you.*7 of test\.\s*older/s })
      .waitFor()
    await rows.filter({ hasText: 'no reply' }).filter({ hasText: 'refused the connection' }).waitFor()
    const records = page
      .getByRole('table', { name: 'The records that not all of them have' })
      .getByRole('row')
    const lacking = records.filter({ hasText: 'web.test. A 10.0.0.2' }).getByRole('cell')
    assert.deepEqual((await lacking.allInnerTexts()).slice(1), [`${fresh.address}:53`, `${stale.address}:53`])
    assert.deepEqual(await accessibilityViolations(page), [])
  })

  test('the server knows every type that is suggested', async (context) => {
    const { kuard } = await startWithNames(context)
    const page = await openPage(context, kuard, '/-/dns')
    const types = await page.evaluate<string[]>(
      `[...document.querySelector('input[list]').list.options].map(({ value }) => value)`,
    )
    assert.ok(['A', 'AAAA', 'CNAME', 'PTR', 'SRV', 'TXT'].every((type) => types.includes(type)))
    for (const type of types) {
      const answer = await kuard.post('/dns/api', JSON.stringify({ type, name: 'queue.svc.test.' }))
      assert.equal(answer.status, 200, answer.text)
      answer.json(DnsAnswer)
    }
  })

  test('a name server that fails on the way is told of, and a reply over TCP is called one', async (context) => {
    const refusing = await serveDns(context, { udp: (asked) => [reply(asked, { rcode: 5 })] }, { port: 53 })
    const cut = (asked: Query) => [reply(asked, { flags: 0x200 })]
    const long = (asked: Query) => [framed(addressReply(asked))]
    const { address } = await serveDns(context, { udp: cut, tcp: long }, { port: 53 })
    const conf = `nameserver ${refusing.address}\nnameserver ${address}\n`
    const { kuard } = await startWithResolvConf(context, conf)
    const page = await openPage(context, kuard, '/-/dns?type=A&name=web.test')
    await page.getByText(`${address}:53 over TCP`).waitFor()
    await page.getByText(`${refusing.address}:53 replied REFUSED to web.test.`).waitFor()
  })

  test('a name server that is gone is an error with another try, after which the reply is shown', async (context) => {
    const address = loopback()
    const conf = `nameserver ${address}\noptions timeout:1 attempts:1\n`
    const { kuard } = await startWithResolvConf(context, conf)
    const page = await openPage(context, kuard, '/-/dns', { mayComplain: /400/ })
    await query(page, 'A', 'web.test')
    await page.getByRole('alert').filter({ hasText: 'no name server replies to web.test.' }).waitFor()
    await page.getByRole('cell', { name: 'no reply it refused the connection' }).waitFor()
    await serveDns(context, { udp: (asked) => [addressReply(asked)] }, { address, port: 53 })
    await page.getByRole('button', { name: 'Try again' }).click()
    await badge(page, 'found').waitFor()
    assert.equal(await page.getByRole('alert').count(), 0)
    // A reply beside the error of another question would be taken for its own.
    await query(page, 'ZZ', 'web.test')
    await page.getByRole('alert').filter({ hasText: 'Unknown DNS type: ZZ' }).waitFor()
    assert.equal(await badge(page, 'found').count(), 0)
  })

  test('a question that waits for its server does not stand in the way of the next', async (context) => {
    const udp = (asked: Query) => (asked.questions?.[0]?.name === 'slow.test' ? [] : [addressReply(asked)])
    const { address, asked } = await serveDns(context, { udp }, { port: 53 })
    const conf = `nameserver ${address}\noptions timeout:2 attempts:1\n`
    const { kuard } = await startWithResolvConf(context, conf)
    const page = await openPage(context, kuard, '/-/dns', { mayComplain: /400/ })
    await query(page, 'A', 'slow.test')
    await eventually('the query to arrive', () => asked.length > 0)
    await page.getByText('asking the name servers').waitFor()
    const late = page.waitForResponse((response) => response.request().postData()?.includes('slow') === true)
    await query(page, 'A', 'quick.test')
    await badge(page, 'found').waitFor()
    await late
    assert.equal(await page.getByRole('alert').count(), 0)
    await badge(page, 'found').waitFor()
  })

  test('behind a Service of several pods, the one that asked is named', async (context) => {
    const { kuard } = await startWithNames(context)
    const followed = await startPod(context, 'one')
    const service = await startService(context, ({ url }) => (url?.includes('/dns/') ? kuard : followed))
    const page = await openPage(context, service, '/-/dns?type=A&name=queue')
    await badge(page, 'found').waitFor()
    await page.getByText(`answered by ${hostname()}; the live values are one’s`).waitFor()
  })

  test('the last ten questions are at hand, also after a reload, and can be forgotten', async (context) => {
    const { kuard } = await startWithNames(context)
    const page = await openPage(context, kuard, '/-/dns')
    assert.deepEqual(await recent(page), [])
    const names = Array.from({ length: 11 }, (_, number) => `name-${number}.test.`)
    for (const name of [...names, 'queue']) {
      await query(page, 'A', name)
      await eventually('it to be asked', async () => (await recent(page))[0] === `A ${name}`)
    }
    await badge(page, 'found').waitFor()
    const expected = ['queue', ...names.reverse().slice(0, 9)].map((name) => `A ${name}`)
    assert.deepEqual(await recent(page), expected)
    await page.goto(`${kuard.url}/-/dns`)
    await page.getByRole('button', { name: 'A name-5.test.' }).click()
    await badge(page, 'no such name').waitFor()
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'name-5.test.')
    assert.equal((await recent(page))[0], 'A name-5.test.')
    assert.equal((await recent(page)).length, 10)
    await page.getByRole('button', { name: 'Forget these' }).click()
    assert.deepEqual(await recent(page), [])

    for (const broken of ['{', '{"type":"A"}', '[{"type":7,"name":"x"},null]']) {
      await page.evaluate(`localStorage.setItem('kuard-dns-recent', ${JSON.stringify(broken)})`)
      await page.goto(`${kuard.url}/-/dns`)
      await page.getByRole('button', { name: 'Query' }).waitFor()
      assert.deepEqual(await recent(page), [])
    }
  })
})
