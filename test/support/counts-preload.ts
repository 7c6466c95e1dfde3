/** Preloaded into a server: the counts of a histogram begin where 32 bits end, one short of it. */
import { emptyCells } from '../../server/http/metrics/cells.ts'

const { length: cells } = emptyCells()

for (const name of ['Uint32Array', 'Float64Array'] as const) {
  const Plain = globalThis[name]
  const Filled = function (length: number) {
    const array = new Plain(length)
    return length === cells ? array.fill(2 ** 32 - 1) : array
  }
  Object.assign(globalThis, {
    [name]: Object.assign(Filled, { prototype: Plain.prototype, from: Plain.from.bind(Plain) }),
  })
}
