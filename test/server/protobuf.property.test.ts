/** The codec of Protocol Buffers against that of protobufjs, which most of Node's clients have. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import protobuf from 'protobufjs'
import {
  bool,
  bytes,
  decode,
  encode,
  enumeration,
  int32,
  int64,
  message,
  nested,
  optional,
  repeated,
  string,
} from '../../server/listeners/grpc/protobuf.ts'

/** Every kind of field that there is, far apart in their numbers. */
const Inner = message('Inner', { name: string(1), many: repeated(string(2)) })
const Outer = message('Outer', {
  text: string(1),
  flag: bool(2),
  small: int32(3),
  big: int64(16),
  state: enumeration(17, { name: 'State', values: { NONE: 0, ONE: 1 } }),
  data: bytes(2048),
  inner: nested(2049, Inner),
  inners: repeated(nested(70_000, Inner)),
  numbers: repeated(int32(536_870_911)),
  maybe: optional(int32(5)),
})

const { root } = protobuf.parse(`syntax = "proto3";
  enum State { NONE = 0; ONE = 1; }
  message Inner { string name = 1; repeated string many = 2; }
  message Outer {
    string text = 1; bool flag = 2; int32 small = 3; int64 big = 16; State state = 17; bytes data = 2048;
    Inner inner = 2049; repeated Inner inners = 70000; repeated int32 numbers = 536870911; optional int32 maybe = 5;
  }`)
const theirs = root.lookupType('Outer')

const text = fc.string({ unit: 'binary' })
const number = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const inner = fc.record({ name: text, many: fc.array(text, { maxLength: 3 }) }, { noNullPrototype: true })
const said = fc.record({
  text,
  flag: fc.boolean(),
  small: number,
  big: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  state: fc.constantFrom(0, 1),
  data: fc.uint8Array({ minLength: 1, maxLength: 300 }).map((data) => Buffer.from(data)),
  inner,
  inners: fc.array(inner, { maxLength: 3 }),
  numbers: fc.array(number, { maxLength: 5 }),
  maybe: fc.option(number, { nil: undefined }),
})

test('what is written is read by protobufjs as it was said', () => {
  fc.assert(
    fc.property(said, (one) => {
      const read = theirs.toObject(theirs.decode(encode(Outer, one)), {
        longs: String,
        arrays: true,
        defaults: true,
      })
      assert.deepEqual(read, withoutUndefined({ ...one, big: String(one.big) }))
    }),
  )
})

test('what protobufjs has written is read as it was said, its numbers packed', () => {
  fc.assert(
    fc.property(said, (one) => {
      const sent = theirs.encode(theirs.fromObject({ ...one, big: String(one.big) })).finish()
      assert.deepEqual(withoutUndefined(decode(Outer, Buffer.from(sent))), withoutUndefined(one))
    }),
  )
})

test('any bytes are read or refused by an error, at once', () => {
  const isRead = (sent: Buffer) => {
    try {
      decode(Outer, sent)
      return true
    } catch (error) {
      assert.ok(error instanceof Error && error.constructor !== RangeError, String(error))
      return false
    }
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (sent) => void isRead(Buffer.from(sent))),
    { numRuns: 2_000 },
  )
  // And a message that something happened to on its way.
  const broken = fc.tuple(said, fc.nat(), fc.nat(255), fc.boolean())
  fc.assert(
    fc.property(broken, ([one, place, byte, isCut]) => {
      const sent = encode(Outer, one)
      const at = place % sent.length
      sent[at] = byte
      isRead(isCut ? sent.subarray(0, at) : sent)
    }),
    { numRuns: 1_000 },
  )
})

const readHex = (hex: string) => decode(Outer, Buffer.from(hex.replaceAll(' ', ''), 'hex'))

test('fields that are not known, or not written as they should be, are passed over, groups whole', () => {
  for (const hex of [
    '98 06 01', // field 99, a number
    '99 06 0102030405060708', // of eight bytes
    '9a 06 03 ffffff', // of a length
    '9d 06 01020304', // of four bytes
    '9b 06 08 01 9c 06', // a group with a field
    '9b 06 9b 06 12 01 ff 9c 06 9c 06', // and with a group
    '08 05', // field 1, a text, as a number
    '1a 01 00', // field 3, a number, as a text
  ])
    assert.equal(readHex(`${hex} 10 01`).flag, true, hex)
})

test('what is cut off, too long or no text is refused', () => {
  for (const [hex, words] of [
    ['08', /cut off/], // no value
    ['0a 05 61', /cut off/], // a text beyond the end
    ['0a ffffffffffffffffff01', /cut off/], // of 2^64-1 bytes
    ['8a 80 01 02 0a 05', /cut off/], // a message inside, beyond its own end
    ['99 06 0102', /cut off/],
    ['18 ffffffffffffffffffff01', /too long/],
    ['00 01', /no number of a field/],
    ['0a 01 ff', /not valid/], // no UTF-8
    ['0b', /cut off/], // a group without an end
    ['0c', /no way 4/], // an end without a beginning
    ['0e', /no way 6/],
  ] as const)
    assert.throws(() => readHex(hex), words, hex)
  assert.throws(() => decode(Outer, Buffer.alloc(64 << 10, 0x0b)), Error, 'groups in groups')
})

test('a message of the greatest size that is taken, of the smallest fields, is read in a moment', () => {
  const sent = Buffer.from('1001'.repeat(16_384), 'hex')
  decode(Outer, sent)
  const began = performance.now()
  decode(Outer, sent)
  assert.ok(performance.now() - began < 500)
})

/** What isn't there is undefined here, and missing there. */
const withoutUndefined = (one: object): object =>
  Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined))
