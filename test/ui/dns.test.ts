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
  const conf = `search ns.test svc.test\nnameserver ${address}\noptions ndots:5 timeout:1 attempts:1\n`
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
        (await cells.allInnerTexts()).map((text) => text.trim()),
        ['answer', 'queue.svc.test.', '30 s', 'IN', 'A', '10.1.2.3'],
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
    assert.equal(kuard.lines.filter((line) => line.includes('POST /c/dns/api')).length, 1)
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
    const late = page.waitForResponse((response) => response.status() === 400)
    await query(page, 'A', 'quick.test')
    await badge(page, 'found').waitFor()
    await late
    assert.equal(await page.getByRole('alert').count(), 0)
    await badge(page, 'found').waitFor()
  })

  test('behind a Service of several pods, the one that asked is named', async (context) => {
    const { kuard } = await startWithNames(context)
    const followed = await startPod(context, 'one')
    const service = await startService(context, ({ url }) => (url?.includes('dns/api') ? kuard : followed))
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
