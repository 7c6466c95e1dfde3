/** Takes the README's pictures anew, of the built server with something on each page: `node scripts/screenshots.ts`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import { deployment, endpointSlice, pod, replicaSet, service } from '../test/support/api-objects.ts'
import { startApiServer, type TestApiServer } from '../test/support/api-server.ts'
import { chromiumOptions } from '../test/support/chromium.ts'
import { startPodIn } from '../test/support/pod.ts'
import { startPod, startService } from '../test/support/service.ts'
import { StagedRollout } from './staged-rollout.ts'

const root = join(import.meta.dirname, '..')
const address = 'http://127.0.0.1:18481'

/** As a pod of this name would call itself. */
const named = [
  '--map-root-user',
  '--uts',
  'sh',
  '-c',
  'echo kuard > /proc/sys/kernel/hostname && exec "$@"',
  'sh',
]
const kuard = [process.execPath, join(root, 'dist/kuard.cjs'), '--address=127.0.0.1:18481', '--keygen-enable']
const server = spawn('unshare', [...named, ...kuard], {
  stdio: 'ignore',
  env: { ...process.env, KUARD_VERSION: 'blue' },
})
const ask = (method: string, path: string, body?: string) =>
  fetch(`${address}${path}`, { method, ...(body === undefined ? {} : { body }) })

/** Hands all that waits in a queue out, and takes it back unfinished. */
async function fail(queue: string): Promise<void> {
  const path = `/memq/server/queues/${queue}`
  const taken = await ask('POST', `${path}/dequeue?lease=60&count=100`)
  // Of the shape that the server's own tests hold it to.
  const { messages } = (await taken.json()) as { readonly messages: readonly { readonly lease: string }[] }
  await ask('POST', `${path}/nack`, JSON.stringify({ leases: messages.map(({ lease }) => lease) }))
}

/** Tells the browser's and the reader's eyes what a busy half minute looks like. */
async function bustle(): Promise<void> {
  for (const queue of ['keygen', 'mail', 'thumbnails']) await ask('PUT', `/memq/server/queues/${queue}`)
  await ask('PUT', '/memq/server/queues/invoices', '{"maxDeliveries":3,"deadLetter":"invoices.dead"}')
  for (const body of ['{"invoice":4711,"total":"none"}', '{"invoice":"","total":12.50}'])
    await ask('POST', '/memq/server/queues/invoices/enqueue', body)
  for (let second = 0; second < 30; second += 1) {
    const pause = sleep(1_000)
    if ([3, 7, 15].includes(second)) await fail('invoices')
    if (second === 12) await ask('PUT', '/healthy/api', '{"failNext":3}')
    if (second % 2 === 0) await ask('GET', '/healthy')
    if (second === 18) await ask('POST', '/mem/api/alloc?size=200000000')
    for (const [queue, count] of [
      ['keygen', 8],
      ['mail', second % 5],
      ['thumbnails', 3],
    ] as const) {
      for (let item = 0; item < count; item += 1)
        await ask('POST', `/memq/server/queues/${queue}/enqueue`, `work-item-${item}`)
      for (let item = 0; item < second % 6; item += 1)
        await ask('POST', `/memq/server/queues/${queue}/dequeue${item === 1 ? '?lease=60' : ''}`)
    }
    await pause
  }
}

/** What ends the API server and the pod that asks it. */
const endings: (() => Promise<void>)[] = []
const lifetime = { after: (end: () => Promise<void>) => void endings.push(end) }

/** A Service of two pods, which become green one after the other; the first green one fails now and then. @returns who sends to it */
async function serveRollout(): Promise<{ readonly url: string; run(): Promise<void> }> {
  const faulty = ['--fault-error-share=0.1', '--fault-seconds=26']
  const [blue, oldest, green, newest, client] = await Promise.all([
    startPod(lifetime, 'kuard-7d9c5b7f4b-fghij'),
    startPod(lifetime, 'kuard-7d9c5b7f4b-abcde'),
    startPod(lifetime, 'kuard-5f6b9d8c7d-klmno', faulty, 'green'),
    startPod(lifetime, 'kuard-5f6b9d8c7d-pqrst', [], 'green'),
    startPod(lifetime, 'client'),
  ])
  let endpoints = [blue, oldest]
  let asked = 0
  const service = await startService(lifetime, () => endpoints[asked++ % endpoints.length] ?? blue)
  return {
    url: client.url,
    async run() {
      await client.put('/traffic', { enable: true, url: `${service.url}/`, rate: 20, timeToRun: 60 })
      await sleep(16_000)
      endpoints = [blue, green]
      await sleep(9_000)
      endpoints = [newest, green]
    },
  }
}

/** What `kubectl apply` makes of manifests/broken/shop.yaml: ready pods, and a Service that leads to none. */
function openShop(api: TestApiServer): void {
  const shop = deployment({ name: 'shop', replicas: 2 })
  const set = replicaSet({ name: 'shop-84d6c9f5b', owner: shop, replicas: 2 })
  const labels = { app: 'shop', tier: 'front', 'pod-template-hash': '84d6c9f5b' }
  for (const name of [`${set.metadata?.name}-7xk2p`, `${set.metadata?.name}-qm4wd`])
    api.put('pods', pod({ name, owner: set, labels }))
  api.put('deployments', shop)
  api.put('replicasets', set)
  api.put('services', service({ name: 'shop' }, { selector: { app: 'shop', tier: 'frontend' } }))
  api.put('endpointslices', endpointSlice('shop', []))
}

const browser = await chromium.launch(chromiumOptions)
try {
  while (
    !(await ask('GET', '/healthy').then(
      ({ ok }) => ok,
      () => false,
    ))
  )
    await sleep(50)
  const visitor = await browser.newContext({ viewport: { width: 1280, height: 760 } })
  const api = await startApiServer(lifetime)
  const rollout = new StagedRollout(api)
  const { kuard: viewer } = await startPodIn(lifetime, api, {
    name: 'viewer',
    env: { KUARD_VERSION: 'blue' },
  })
  const service = await serveRollout()
  const newPage = () => visitor.newPage()
  const [probe, queues, cluster, traffic] = [
    await newPage(),
    await newPage(),
    await newPage(),
    await newPage(),
  ]
  await probe.emulateMedia({ colorScheme: 'light' })
  await queues.emulateMedia({ colorScheme: 'dark' })
  await probe.goto(`${address}/-/liveness`)
  await queues.setViewportSize({ width: 1280, height: 1180 })
  await queues.goto(`${address}/-/memq?queue=invoices.dead`)
  await cluster.emulateMedia({ colorScheme: 'light' })
  await cluster.setViewportSize({ width: 1280, height: 860 })
  await cluster.goto(`${viewer.url}/-/cluster/rollout`)
  await traffic.emulateMedia({ colorScheme: 'light' })
  await traffic.setViewportSize({ width: 1280, height: 1460 })
  await traffic.goto(`${service.url}/-/traffic`)
  await Promise.all([bustle(), rollout.run(), service.run()])
  await probe.screenshot({ path: join(root, 'docs/liveness.png') })
  await queues.getByRole('button', { name: 'message 1', exact: true }).click()
  await queues.screenshot({ path: join(root, 'docs/memq.png') })
  await cluster.screenshot({ path: join(root, 'docs/cluster.png') })
  await traffic.screenshot({ path: join(root, 'docs/traffic.png') })
  const lab = await newPage()
  await lab.emulateMedia({ colorScheme: 'dark' })
  await lab.setViewportSize({ width: 1280, height: 1140 })
  await lab.goto(`${viewer.url}/-/labs/fix-shop`)
  await lab.getByText('There is no Service shop.').waitFor()
  openShop(api)
  await lab.getByText('Why that may be').click()
  await lab.screenshot({ path: join(root, 'docs/labs.png') })
} finally {
  await browser.close()
  for (const end of endings.toReversed()) await end()
  server.kill('SIGKILL')
  await once(server, 'exit')
}
