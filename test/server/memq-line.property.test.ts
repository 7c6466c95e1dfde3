/** The order of one queue, however its items come back. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Line, type Item } from '../../server/features/memq/line.ts'

test('a line always gives its oldest item, however many came back in whatever order', () => {
  const steps = fc.array(fc.oneof(fc.constantFrom('push', 'shift', 'shift'), fc.nat()), {
    maxLength: 300,
    size: 'max',
  })
  fc.assert(
    fc.property(steps, (run) => {
      const line = new Line()
      const taken: Item[] = []
      const waiting = new Set<number>()
      let sequence = 0
      const push = () => {
        const item = { id: '', body: '', creationTimestamp: '', sequence, bytes: 0, next: undefined }
        line.push(item)
        waiting.add(sequence++)
      }
      for (let count = 0; count < 50; count += 1) push()
      for (const step of run) {
        if (step === 'push') push()
        else if (step === 'shift') {
          const item = line.shift()
          assert.equal(item?.sequence, waiting.size > 0 ? Math.min(...waiting) : undefined)
          if (item) {
            waiting.delete(item.sequence)
            taken.push(item)
          }
        } else {
          const [item] = taken.splice(step % (taken.length + 1), 1)
          if (!item) continue
          line.giveBack(item)
          waiting.add(item.sequence)
        }
        assert.equal(line.length, waiting.size)
      }
    }),
  )
})
