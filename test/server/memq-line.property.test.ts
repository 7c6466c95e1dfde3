/** The order of one queue, however its items come back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Line, type Item } from '../../server/features/memq/memory/line.ts'

test('a line always gives its oldest item, however many came back or came late in whatever order', () => {
  const steps = fc.array(fc.oneof(fc.constantFrom('push', 'hide', 'shift', 'shift', 'extract'), fc.nat()), {
    maxLength: 300,
    size: 'max',
  })
  fc.assert(
    fc.property(steps, (run) => {
      const line = new Line()
      const away: Item[] = []
      const waiting = new Set<number>()
      let place = 0
      const make = (): Item => ({
        id: '',
        body: '',
        creationTimestamp: '',
        place: place++,
        bytes: 0,
        history: undefined,
        next: undefined,
      })
      const take = (item: Item | undefined) => {
        if (!item) return
        waiting.delete(item.place)
        away.push(item)
      }
      const push = () => {
        const item = make()
        line.push(item)
        waiting.add(item.place)
      }
      for (let count = 0; count < 50; count += 1) push()
      for (const step of run) {
        if (step === 'push') push()
        else if (step === 'hide') away.push(make())
        else if (step === 'shift') {
          assert.equal(line.first?.place, waiting.size > 0 ? Math.min(...waiting) : undefined)
          const { first } = line
          assert.equal(line.shift(), first)
          take(first)
        } else if (step === 'extract') {
          const taken = line.extract((item) => item.place % 5 === 0, 3)
          assert.ok(
            taken.every((item, at) => item.place % 5 === 0 && item.place > (taken[at - 1]?.place ?? -1)),
          )
          taken.forEach(take)
        } else {
          const [item] = away.splice(step % (away.length + 1), 1)
          if (!item) continue
          line.giveBack(item)
          waiting.add(item.place)
        }
        assert.equal(line.length, waiting.size)
        const all = [...line.returned(), ...line.new()].map((item) => item.place)
        assert.deepEqual(new Set(all), waiting)
      }
    }),
  )
})
