/** Faults: how they begin, what they say of themselves, and how they end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FaultsState } from '../../server/features/faults/wire.ts'
import { startKuard, type Kuard } from '../support/kuard.ts'
import { prefixes } from '../support/prefixes.ts'

const state = async (kuard: Kuard) => (await kuard.get('/faults')).json(FaultsState)

/** Requests for what is no page and no probe. */
const asked = '/env/api'

test('nothing is wrong until it is told to be', async (context) => {
  const kuard = await startKuard(context)
  assert.deepEqual(await state(kuard), { faults: [], byQuery: false, ended: [] })
  const { status, headers } = await kuard.get(asked)
  assert.deepEqual([status, headers['x-fault']], [200, undefined])
})

test('a fault begins by PUT, says what it does, and ends by DELETE, under every prefix', async (context) => {
  const kuard = await startKuard(context)
  for (const prefix of prefixes) {
    const answer = (await kuard.put(`${prefix}/faults/error`, { status: 418, retryAfter: 7 })).json(
      FaultsState,
    )
    const [fault] = answer.faults
    assert.ok(fault)
    const { since, ...rest } = fault
    assert.ok(Math.abs(Date.now() - Date.parse(since)) < 60_000)
    assert.deepEqual(rest, {
      kind: 'error',
      words: "answers all requests with 418 I'm a Teapot and Retry-After: 7",
      order: { status: 418, retryAfter: 7, share: 1, path: '/', probes: false, seconds: 0 },
      until: null,
      touched: 0,
    })
    const touched = await kuard.get(`${prefix}${asked}`)
    assert.deepEqual(
      [touched.status, touched.headers['x-fault'], touched.headers['retry-after']],
      [418, 'error=418', '7'],
    )
    assert.deepEqual(
      await kuard.get(`${prefix}/faults`).then((got) => got.json(FaultsState).faults[0]?.touched),
      1,
    )
    await kuard.ask('DELETE', `${prefix}/faults/error`)
    assert.equal((await kuard.get(`${prefix}${asked}`)).status, 200)
  }
  const { faults, ended } = await state(kuard)
  assert.deepEqual(faults, [])
  assert.deepEqual(
    ended.map(({ id, kind, why }) => [id, kind, why]),
    prefixes.map((_, id) => [id, 'error', 'taken back']),
  )
})
