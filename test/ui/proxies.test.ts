/** The page behind a real nginx over plain HTTP, where a browser says of a request's site no more than its Origin. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { openPage } from '../support/browser.ts'
import { startKuard } from '../support/kuard.ts'
import { freePort } from '../support/free-port.ts'
import { startNginx } from '../support/nginx.ts'

const fail = (page: Page) => page.getByRole('button', { name: 'Fail', exact: true }).click()

test('buttons work behind proxies that say what was asked for, and else the page says what the proxy has to send', async (context) => {
  const port = await freePort()
  const kuard = await startKuard(context, [
    '--allowed-hosts=.test',
    `--allowed-origins=http://allowed.test:${port}`,
  ])
  const pass = `proxy_pass http://127.0.0.1:${kuard.port};`
  await startNginx(context, port, {
    'silent.test': `location / { ${pass} }`,
    'allowed.test': `location / { ${pass} }`,
    'portless.test': `location / { ${pass} proxy_set_header Host $host; }`,
    'whole.test': `location / { ${pass} proxy_set_header Host $http_host; }`,
    'forwarded.test': `location / { ${pass} proxy_set_header X-Forwarded-Host $http_host; }`,
    'stripped.test': `location /kuard { rewrite ^/kuard/?(.*)$ /$1 break; ${pass} proxy_set_header Host $http_host; }
                      location / { return 404; }`,
  })
  for (const name of ['allowed', 'portless', 'whole', 'forwarded']) {
    const page = await openPage(context, { url: `http://${name}.test:${port}` }, '/-/liveness')
    await fail(page)
    await page.getByText('until told otherwise').waitFor()
    await kuard.put('/healthy/api', { failNext: 0 })
    await page.close()
  }

  const silent = { url: `http://silent.test:${port}` }
  const page = await openPage(context, silent, '/-/liveness', { mayComplain: /403/ })
  await fail(page)
  await page.getByText(/a proxy has to send the browser’s Host, in Host or X-Forwarded-Host/).waitFor()

  // Without its final slash the address is no base for what the page loads.
  const below = { url: `http://stripped.test:${port}` }
  const stripped = await openPage(context, below, '/kuard', { mayComplain: /404/ })
  assert.equal(new URL(stripped.url()).pathname, '/kuard/')
  await stripped.getByRole('link', { name: 'Liveness Probe' }).click()
  await fail(stripped)
  await stripped.getByText('until told otherwise').waitFor()
})
