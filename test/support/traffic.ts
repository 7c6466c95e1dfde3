/** Has a kuard send requests, and waits for what comes of them. */
import assert from 'node:assert/strict'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TrafficStatus, type TrafficOrder } from '../../server/features/traffic/wire.ts'
import { eventually } from './eventually.ts'
import type { Lifetime } from './at-end.ts'
import { temporaryFolder } from './folder.ts'
import { startKuard, type Kuard } from './kuard.ts'

/** Starts a server with an /etc/hosts of its own, to which more can be added while it is read. */
export async function startWithHosts(
  context: Lifetime,
  hosts: string,
): Promise<{ readonly kuard: Kuard; readonly add: (line: string) => void }> {
  const file = join(temporaryFolder(context), 'hosts')
  writeFileSync(file, hosts)
  const add = (line: string) => {
    appendFileSync(file, line)
  }
  const script = `mount --bind ${file} /etc/hosts && exec "$@"`
  const under = ['unshare', '--map-root-user', '--mount', 'sh', '-c', script, 'sh']
  return { kuard: await startKuard(context, [], { under }), add }
}

export async function trafficOf(kuard: Kuard): Promise<TrafficStatus> {
  return (await kuard.get('/traffic')).json(TrafficStatus)
}

/** Gives orders that can be followed. */
export async function order(kuard: Kuard, orders: TrafficOrder): Promise<TrafficStatus> {
  const answer = await kuard.put('/traffic', orders)
  assert.equal(answer.status, 200, answer.text)
  return answer.json(TrafficStatus)
}

/** Sends what is ordered, to its end. */
export async function send(kuard: Kuard, orders: TrafficOrder): Promise<TrafficStatus> {
  await order(kuard, { enable: true, ...orders })
  return eventually('all to be sent', async () => {
    const status = await trafficOf(kuard)
    return !status.progress.running && status
  })
}
