/** Readings that cost much, shared by all who ask meanwhile. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SharedReading } from '../../server/host/shared-reading.ts'

test('all who ask while one reading is under way share the next, which begins after they asked', async () => {
  const ends: (() => void)[] = []
  let begun = 0
  const shared = new SharedReading(async () => {
    const number = (begun += 1)
    await new Promise<void>((end) => ends.push(end))
    return number
  })
  const first = shared.now()
  await Promise.resolve()
  assert.equal(begun, 1)
  const later = Array.from({ length: 20 }, () => shared.now())
  ends[0]?.()
  assert.equal(await first, 1)
  await new Promise(setImmediate)
  ends[1]?.()
  assert.deepEqual(new Set(await Promise.all(later)), new Set([2]))
  assert.equal(begun, 2)
})

test('a reading that fails does so for those who asked for it, and for nobody else', async () => {
  let fails = true
  const shared = new SharedReading(() =>
    fails ? Promise.reject(new Error('no more files')) : Promise.resolve('read'),
  )
  await assert.rejects(shared.now(), { message: 'no more files' })
  fails = false
  assert.equal(await shared.now(), 'read')
})
