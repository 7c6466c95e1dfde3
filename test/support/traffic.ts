/** Has a kuard send requests, and waits for what comes of them. */
import assert from 'node:assert/strict'
import { TrafficStatus, type TrafficOrder } from '../../server/features/traffic/wire.ts'
import { eventually } from './eventually.ts'
import type { Kuard } from './kuard.ts'

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
