/** Kubernetes' quantities, as the page reads and writes them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatCores, formatQuantity, kindOf, quantityOf } from '../../ui/src/tabs/cluster/quantity.ts'

test('each notation of a quantity is the number that it stands for', () => {
  for (const [text, number] of [
    ['0', 0],
    ['100m', 0.1],
    ['1500m', 1.5],
    ['64Mi', 64 * 2 ** 20],
    ['1.5Gi', 1.5 * 2 ** 30],
    ['10Ki', 10_240],
    ['2Ti', 2 ** 41],
    ['1Pi', 2 ** 50],
    ['1Ei', 2 ** 60],
    ['128974848', 128_974_848],
    ['129e6', 129_000_000],
    ['129M', 129_000_000],
    ['5k', 5000],
    ['3G', 3e9],
    ['1E', 1e18],
    ['1E3', 1000],
    ['1e-3', 0.001],
    ['7u', 0.000_007],
    ['250n', 0.000_000_25],
    ['.5', 0.5],
    ['5.', 5],
    ['-1', -1],
    ['+2', 2],
  ] as const)
    assert.equal(quantityOf(text), number, text)
})

test('what is no quantity is not taken for one', () => {
  for (const text of ['', 'Mi', '1 Mi', '1mi', '1KB', '1K', '--1', '1.2.3', 'Infinity', '0x10', '1e', 'm1'])
    assert.equal(quantityOf(text), undefined, text)
})

const suffixes = [
  ['n', 1n, 10n ** 9n],
  ['u', 1n, 10n ** 6n],
  ['m', 1n, 1000n],
  ['', 1n, 1n],
  ['k', 1000n, 1n],
  ['M', 10n ** 6n, 1n],
  ['G', 10n ** 9n, 1n],
  ['T', 10n ** 12n, 1n],
  ['P', 10n ** 15n, 1n],
  ['E', 10n ** 18n, 1n],
  ['e4', 10n ** 4n, 1n],
  ['E-2', 1n, 100n],
  ['Ki', 2n ** 10n, 1n],
  ['Mi', 2n ** 20n, 1n],
  ['Gi', 2n ** 30n, 1n],
  ['Ti', 2n ** 40n, 1n],
  ['Pi', 2n ** 50n, 1n],
  ['Ei', 2n ** 60n, 1n],
] as const

test('a quantity of any digits and suffix is as exact as a number can be', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 10n ** 9n }),
      fc.integer({ min: 0, max: 6 }),
      fc.constantFrom(...suffixes),
      (digits, places, [suffix, times, by]) => {
        const padded = String(digits).padStart(places + 1, '0')
        const at = padded.length - places
        const text = places === 0 ? padded : `${padded.slice(0, at)}.${padded.slice(at)}`
        const divisor = by * 10n ** BigInt(places)
        const [whole, rest] = [(digits * times) / divisor, (digits * times) % divisor]
        const exact = Number(whole) + Number(rest) / Number(divisor)
        const read = quantityOf(text + suffix) ?? NaN
        assert.ok(Math.abs(read - exact) <= exact * 2 ** -50, `${text}${suffix}: ${read}, not ${exact}`)
      },
    ),
  )
})

test('cores read back are the cores that were written, to a thousandth', () => {
  fc.assert(
    fc.property(fc.nat(999_999), (milli) => {
      const text = formatCores(milli / 1000)
      assert.equal(quantityOf(text), milli / 1000)
    }),
  )
})

test('a resource’s name says what its quantities are of', () => {
  for (const [resource, kind] of [
    ['cpu', 'cpu'],
    ['limits.cpu', 'cpu'],
    ['memory', 'bytes'],
    ['requests.memory', 'bytes'],
    ['requests.storage', 'bytes'],
    ['fast.storageclass.storage.k8s.io/requests.storage', 'bytes'],
    ['limits.ephemeral-storage', 'bytes'],
    ['hugepages-2Mi', 'bytes'],
    ['count/deployments.apps', 'count'],
    ['fast.storageclass.storage.k8s.io/persistentvolumeclaims', 'count'],
    ['requests.nvidia.com/gpu', 'count'],
    ['pods', 'count'],
  ] as const)
    assert.equal(kindOf(resource), kind, resource)
  assert.equal(formatQuantity(0.25, 'requests.cpu'), '250m')
  assert.equal(formatQuantity(2, 'cpu'), '2')
  assert.equal(formatQuantity(64 * 2 ** 20, 'limits.memory'), '64.0 MiB')
  assert.equal(formatQuantity(1200, 'count/pods'), '1,200')
})
