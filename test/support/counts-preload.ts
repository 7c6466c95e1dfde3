/** Preloaded into a server: the counts of a histogram begin where 32 bits end, one short of it. */
const buckets = 15

for (const name of ['Uint32Array', 'Float64Array'] as const) {
  const Plain = globalThis[name]
  const Filled = function (length: number) {
    const array = new Plain(length)
    return length === buckets ? array.fill(2 ** 32 - 1) : array
  }
  Object.assign(globalThis, { [name]: Object.assign(Filled, { prototype: Plain.prototype }) })
}
