/** The Server Env tab. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { ServerEnv } from '../../server/features/env/wire.ts'
import { arrange, portWords } from '../../ui/src/lib/environment.ts'
import { isSecret } from '../../ui/src/lib/secrets.ts'
import { openPage } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startKuard } from '../support/kuard.ts'
import { startPod, startService } from '../support/service.ts'

const alpaca = {
  ALPACA_PROD_SERVICE_HOST: '10.96.3.7',
  ALPACA_PROD_SERVICE_PORT: '8080',
  ALPACA_PROD_PORT: 'tcp://10.96.3.7:8080',
  ALPACA_PROD_PORT_8080_TCP: 'tcp://10.96.3.7:8080',
  ALPACA_PROD_PORT_8080_TCP_PROTO: 'tcp',
  ALPACA_PROD_PORT_8080_TCP_PORT: '8080',
  ALPACA_PROD_PORT_8080_TCP_ADDR: '10.96.3.7',
}

const rows = (page: Page) => page.getByRole('table', { name: 'Environment variables' }).locator('tbody tr')
const row = (page: Page, name: string) => rows(page).filter({ has: page.getByText(name, { exact: true }) })
const filter = (page: Page) => page.getByRole('searchbox', { name: 'Filter' })
const clipboard = (page: Page) => page.evaluate<string>('navigator.clipboard.readText()')
const mayCopy = { permissions: ['clipboard-read', 'clipboard-write'] }

test('a secret is veiled until its button is pressed, and can be copied all the same', async (context) => {
  const kuard = await startKuard(context, [], { env: { DB_PASSWORD: 'correct-horse', MONKEY: 'banana' } })
  const page = await openPage(context, kuard, '/-/env', mayCopy)
  const secret = row(page, 'DB_PASSWORD')
  await secret.waitFor()
  assert.ok(!(await page.content()).includes('correct-horse'))
  await row(page, 'MONKEY').getByText('banana').waitFor()
  await secret.getByRole('button', { name: 'Copy the value of DB_PASSWORD' }).click()
  await eventually('the secret to be copied', async () => (await clipboard(page)) === 'correct-horse')
  assert.ok(!(await page.content()).includes('correct-horse'))

  await secret.getByRole('button', { name: 'veiled; click to show DB_PASSWORD' }).press('Enter')
  await secret.getByText('correct-horse').waitFor()
  assert.equal(await page.evaluate('document.activeElement.textContent'), 'veil DB_PASSWORD')
  await page.keyboard.press('Enter')
  await secret.getByText('correct-horse').waitFor({ state: 'detached' })
})

test('the filter goes by name and value, and finds no veiled value', async (context) => {
  const kuard = await startKuard(context, [], {
    env: { DB_PASSWORD: 'correct-horse', ANIMAL: 'a Horse of course', OTHER: 'cow', ...alpaca },
  })
  const page = await openPage(context, kuard, '/-/env')
  const { env } = (await kuard.get('/env/api')).json(ServerEnv)
  await page.getByText(`${Object.keys(env).length} variables`, { exact: true }).waitFor()
  await filter(page).fill(' horse')
  await eventually('one row', async () => (await rows(page).count()) === 1)
  await row(page, 'ANIMAL').waitFor()
  await filter(page).fill('db_pass')
  await row(page, 'ANIMAL').waitFor({ state: 'detached' })
  await row(page, 'DB_PASSWORD')
    .getByRole('button', { name: /^veiled/ })
    .click()
  await filter(page).fill('correct-HORSE')
  await row(page, 'DB_PASSWORD').waitFor()

  await filter(page).fill('10.96.3')
  await page.getByText(/^4 of \d+ variables$/).waitFor()
  await page.getByText('Veiled values aren’t searched').waitFor()
  await page.getByRole('row', { name: /^ALPACA_PROD_PORT_8080_TCP_ADDR .*10\.96/ }).waitFor()
  await filter(page).fill('no such thing')
  await page.getByText(/^0 of \d+ variables$/).waitFor()
  await filter(page).fill('')
  await row(page, 'OTHER').waitFor()
})

test('what belongs to a Service stands under its name, address and ports', async (context) => {
  const kuard = await startKuard(context, [], { env: { ...alpaca, ALPACA_PROD_COLOUR: 'brown' } })
  const page = await openPage(context, kuard, '/a/-/env')
  const service = page.getByRole('listitem').filter({ hasText: 'alpaca-prod' })
  await service.locator('summary').waitFor()
  assert.match(
    await service.locator('summary').innerText(),
    /^alpaca-prod\s+10\.96\.3\.7\s+8080\/TCP\s+7 variables$/,
  )
  assert.equal(await row(page, 'ALPACA_PROD_SERVICE_HOST').count(), 0)
  await row(page, 'ALPACA_PROD_COLOUR').waitFor()
  await service.locator('summary').press('Enter')
  await service.getByRole('row', { name: /^ALPACA_PROD_SERVICE_HOST .*10\.96\.3\.7/ }).waitFor()
  assert.equal(await service.getByRole('row').count(), 8)
})

test('values of every kind are shown and copied as they are', async (context) => {
  const long = `${'x'.repeat(9_990)}the-middle${'y'.repeat(9_990)}`
  const kuard = await startKuard(context, ['--keygen-memq-queue=a queue'], {
    env: { EMPTY: '', LINES: 'one\ntwo', MARKUP: '<b>&amp;</b>', LONG: long, QUOTED: "it's" },
  })
  const page = await openPage(context, kuard, '/-/env', mayCopy)
  await row(page, 'EMPTY').getByText('empty', { exact: true }).waitFor()
  await row(page, 'LINES').getByText('one\ntwo').waitFor()
  await row(page, 'MARKUP').getByText('<b>&amp;</b>').waitFor()
  assert.equal(await row(page, 'LONG').getByText('the-middle').count(), 0)
  await row(page, 'LONG').getByRole('button', { name: 'all 19,990 characters' }).click()
  await row(page, 'LONG').getByText('the-middle').waitFor()

  for (const [label, text] of [
    ['Copy the value of LONG', long],
    ['Copy the value of LINES', 'one\ntwo'],
    ['Copy QUOTED=value', String.raw`QUOTED='it'\''s'`],
    ['Copy EMPTY=value', "EMPTY=''"],
  ] as const) {
    await page.getByRole('button', { name: label, exact: true }).click()
    await eventually(`${label} to have copied`, async () => (await clipboard(page)) === text)
  }
})

test('the command line is shown word by word, and copied as a shell takes it', async (context) => {
  const kuard = await startKuard(context, ['--keygen-memq-queue=a queue'])
  const page = await openPage(context, kuard, '/-/env', mayCopy)
  await page.getByRole('listitem').getByText('--keygen-memq-queue=a queue', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Copy the command line' }).click()
  await eventually('the line to be copied', async () =>
    (await clipboard(page)).endsWith(
      " --address=127.0.0.1:0 --shutdown-delay=0 '--keygen-memq-queue=a queue'",
    ),
  )
})

test('200 variables are all there, by name', async (context) => {
  const env = Object.fromEntries(
    Array.from({ length: 200 }, (_, index) => [`VARIABLE_${index}`, String(index)]),
  )
  const kuard = await startKuard(context, [], { env })
  const page = await openPage(context, kuard, '/-/env')
  await filter(page).fill('variable_')
  await eventually('200 rows', async () => (await rows(page).count()) === 200)
  const names = await rows(page).locator('td:first-child').allInnerTexts()
  assert.deepEqual(names, names.toSorted())
})

test('a call that fails is told, and tried again at a click', async (context) => {
  const kuard = await startKuard(context, [], { env: { MONKEY: 'banana' } })
  const page = await openPage(context, kuard, '/-/mem', { mayComplain: /503/ })
  await page.route('**/env/api', (route) => route.fulfill({ status: 503, body: 'no endpoints available' }))
  await page.getByRole('link', { name: 'Server Env' }).click()
  await page.getByRole('alert').getByText('(GET /env/api: 503)').waitFor()
  await page.getByRole('alert').getByText('no endpoints available').waitFor()
  await page.unroute('**/env/api')
  await page.getByRole('button', { name: 'Try again' }).click()
  await row(page, 'MONKEY').waitFor()
  assert.equal(await page.getByRole('alert').count(), 0)
})

test('the environment is read again when another pod takes the stream over, and is veiled again', async (context) => {
  const pods = [
    await startPod(context, 'pod-a', ['--keygen-memq-queue=first']),
    await startPod(context, 'pod-b', ['--keygen-memq-queue=second']),
  ] as const
  let current: (typeof pods)[number] = pods[0]
  const service = await startService(context, () => current)
  const page = await openPage(context, service, '/-/env', { mayComplain: /ERR_|Failed to load resource/ })
  await page.getByText('--keygen-memq-queue=first').waitFor()
  current = pods[1]
  await pods[0].kill()
  await page.getByText('--keygen-memq-queue=second').waitFor()
  assert.equal(await page.getByText('answered by').count(), 0)
})

test('behind a Service, the page says whose environment it shows', async (context) => {
  const [followed, other] = [await startPod(context, 'pod-a'), await startPod(context, 'pod-b')]
  const service = await startService(context, ({ url = '' }) => (url === '/env/api' ? other : followed))
  const page = await openPage(context, service, '/-/env')
  await page.getByText('answered by pod-b; the live values are pod-a’s').waitFor()
})

test('secrets are known by the words of a name, by a password in an address, and by a private key', () => {
  for (const name of [
    'DB_PASSWORD',
    'PASSWD',
    'api-key',
    'API_TOKEN',
    'githubToken',
    'AWS_SECRET_ACCESS_KEY',
    'MYSQL_PWD',
    'BASIC_AUTH',
  ]) {
    assert.ok(isSecret(name, 'x'), name)
  }
  for (const name of [
    'MONKEY',
    'KEYGEN',
    'KEYBOARD_LAYOUT',
    'TOKENIZER',
    'AUTHOR',
    'PWD',
    'OLDPWD',
    'PATH',
    'COMPASS',
  ]) {
    assert.ok(!isSecret(name, 'x'), name)
  }
  for (const value of [
    'postgres://kuard:hunter2@db:5432/app',
    'redis://:p@ss/word@cache',
    'a http://u:p@h b',
    '-----BEGIN RSA PRIVATE KEY-----\nx',
  ]) {
    assert.ok(isSecret('PLAIN', value), value)
  }
  for (const value of [
    'http://db:5432/app',
    'tcp://10.0.0.1:80',
    'git@github.com:a/b',
    'ssh://git@host/x',
    '-----BEGIN CERTIFICATE-----',
  ]) {
    assert.ok(!isSecret('PLAIN', value), value)
  }
  assert.ok(!isSecret('PASSWORD', ''), 'nothing to hide')
})

test('Services are told apart as Kubernetes names their variables', () => {
  const { services, others } = arrange({
    KUBE_DNS_SERVICE_HOST: 'fd00::a',
    KUBE_DNS_SERVICE_PORT: '53',
    KUBE_DNS_SERVICE_PORT_DNS: '53',
    KUBE_DNS_SERVICE_PORT_METRICS: '9153',
    KUBE_DNS_PORT_53_UDP: 'udp://[fd00::a]:53',
    KUBE_DNS_PORT_53_TCP: 'tcp://[fd00::a]:53',
    KUBE_DNS_PORT_9153_TCP: 'tcp://[fd00::a]:9153',
    KUBE_DNS_PORT: 'off',
    AUTH_SERVICE_HOST: '10.0.0.2',
    AUTH_SERVICE_PORT: '80',
    AUTH_SERVICE_SERVICE_HOST: '10.0.0.3',
    AUTH_SERVICE_SERVICE_PORT: '81',
    AUTH_SERVICE_PORT_81_TCP: 'tcp://10.0.0.3:81',
    MYSQL_SERVICE_HOST: 'mysql.example.com',
    MYSQL_SERVICE_PORT: '3306',
    LONELY_SERVICE_HOST: '10.0.0.4',
  })
  assert.deepEqual(
    services.map(({ name, address, ports, variables }) => [
      name,
      address,
      ports.map(portWords).join(' '),
      variables.length,
    ]),
    [
      ['auth', '10.0.0.2', '80', 2],
      ['auth-service', '10.0.0.3', '81/TCP', 3],
      ['kube-dns', 'fd00::a', '53/TCP/UDP (dns) 9153/TCP (metrics)', 7],
    ],
  )
  assert.ok(services.every(({ variables }) => variables.every(({ secret }) => !secret)))
  assert.deepEqual(
    others.map(({ name }) => name),
    ['KUBE_DNS_PORT', 'LONELY_SERVICE_HOST', 'MYSQL_SERVICE_HOST', 'MYSQL_SERVICE_PORT'],
  )
})
