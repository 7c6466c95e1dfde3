/** Asks the Service kuard over and over on one connection, as browsers and proxies do, and says what came of it as steady-traffic does. */
import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
let asked = 0
let failed = 0
for (;;) {
  asked += 1
  const said = await ask().catch(() => undefined)
  if (said === undefined) failed += 1
  console.log(`${new Date().toISOString()} ${said ?? 'no answer'} (${failed} of ${asked} failed)`)
  await sleep(50)
}

/** @returns as `1.0.0-blue from kuard-7d9f` */
function ask(): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const request = get('http://kuard:8080/request/api', { agent, timeout: 10_000 }, (response) => {
    let text = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => (text += chunk))
    response.on('error', reject)
    response.on('end', () => {
      const [, pod] = /"hostname":"([^"]+)/.exec(text) ?? []
      const [, version] = /"version":"([^"]+)/.exec(text) ?? []
      if (pod !== undefined && version !== undefined) resolve(`${version} from ${pod}`)
      else reject(new Error(`answered ${response.statusCode}`))
    })
  })
  request.on('timeout', () => request.destroy(new Error('no answer in time')))
  request.on('error', reject)
  return promise
}
