/**
 * Takes from Node.js the names that nobody looks up in it, which take 1.1 MB of the compressed image: `fewer-symbols.ts PROGRAM LIBRARY...`.
 * The executable offers all its functions to add-ons in C++, and the image has none. What the libraries may bind to stays, and what
 * add-ons in C use, Node-API and libuv. Nothing moves: the tables are written anew in their places, and zeros behind them.
 */
import { readFileSync, writeFileSync } from 'node:fs'

/** What add-ons in C use. */
const offered = /^(napi|node_api|uv)_|^node_module_register$/

/** Entries of the dynamic section, by their numbers in ELF and in glibc's elf.h. */
const entries = {
  relocationsLate: 23,
  hash: 0x6ffffef5,
  lateSize: 2,
  relocations: 7,
  size: 8,
  strings: 5,
  symbols: 6,
  versions: 0x6ffffff0,
}
const loaded = 1
const dynamic = 2
const symbolSize = 24
const relocationSize = 24

interface Tables {
  readonly file: Buffer
  /** Where in the file they are. */
  readonly symbols: number
  readonly strings: number
  readonly versions: number
  readonly hash: number
  /** Each relocation. */
  readonly relocations: readonly number[]
}

/** @throws Error where it isn't laid out as Node.js is for amd64 and arm64: words of 64 bits, the lowest byte first, a GNU hash table */
function tablesOf(path: string): Tables {
  const file = readFileSync(path)
  if (file.readUInt32BE(0) !== 0x7f454c46 || file.readUInt16BE(4) !== 0x0201)
    throw new Error(`${path} is no ELF file of 64 bits, little-endian`)
  const long = (at: number) => Number(file.readBigUInt64LE(at))
  const segments = Array.from({ length: file.readUInt16LE(56) }, (_, index) => long(32) + index * 56).map(
    (at) => ({
      type: file.readUInt32LE(at),
      offset: long(at + 8),
      address: long(at + 16),
      size: long(at + 32),
    }),
  )
  const values = new Map<number, number>()
  const list = segments.find(({ type }) => type === dynamic)
  if (list === undefined) throw new Error(`${path} is not linked dynamically`)
  for (let at = list.offset; long(at) !== 0; at += 16) values.set(long(at), long(at + 8))
  const place = (entry: number): number => {
    const address = values.get(entry) ?? 0
    const segment = segments.find(
      ({ type, address: from, size }) => type === loaded && address >= from && address < from + size,
    )
    if (segment === undefined) throw new Error(`${path} has no table ${entry}`)
    return segment.offset + address - segment.address
  }
  const relocations = (entry: number, size: number): number[] =>
    values.has(entry)
      ? Array.from(
          { length: (values.get(size) ?? 0) / relocationSize },
          (_, index) => place(entry) + index * relocationSize,
        )
      : []
  return {
    file,
    symbols: place(entries.symbols),
    strings: place(entries.strings),
    versions: place(entries.versions),
    hash: place(entries.hash),
    relocations: [
      ...relocations(entries.relocations, entries.size),
      ...relocations(entries.relocationsLate, entries.lateSize),
    ],
  }
}

/** Of a GNU hash table: what stands in it, and its size in bytes. */
function readHash({ file, hash: at }: Tables) {
  const [buckets = 0, first = 0, words = 0] = [0, 4, 8].map((offset) => file.readUInt32LE(at + offset))
  const chains = at + 16 + words * 8 + buckets * 4
  let last = 0
  for (let bucket = 0; bucket < buckets; bucket += 1)
    last = Math.max(last, file.readUInt32LE(chains - (buckets - bucket) * 4))
  // The lowest bit marks the end of a chain.
  while (last >= first && (file.readUInt32LE(chains + (last - first) * 4) & 1) === 0) last += 1
  const count = Math.max(first, last + 1)
  return { first, count, size: chains + (count - first) * 4 - at }
}

/** As the loader computes it. */
function hashOf(name: string): number {
  let hash = 5381
  for (const byte of Buffer.from(name, 'latin1')) hash = (Math.imul(hash, 33) + byte) >>> 0
  return hash
}

function nameOf({ file, symbols, strings }: Tables, index: number): string {
  const from = strings + file.readUInt32LE(symbols + index * symbolSize)
  return file.toString('latin1', from, file.indexOf(0, from))
}

/** The symbols that have to stay of those that are offered, by their places in the table. */
function needed(tables: Tables, first: number, count: number, libraries: readonly Tables[]): number[] {
  const used = new Set(tables.relocations.map((at) => tables.file.readUInt32LE(at + 12)))
  const bound = new Set(
    libraries.flatMap((library) =>
      Array.from({ length: readHash(library).count }, (_, index) => nameOf(library, index)),
    ),
  )
  return Array.from({ length: count - first }, (_, index) => first + index).filter((index) => {
    const name = nameOf(tables, index)
    return used.has(index) || bound.has(name) || offered.test(name)
  })
}

/** Puts these bytes in the place of a table, and zeros in what it took more; the table of sections is told. */
function replace(file: Buffer, at: number, size: number, content: Buffer): void {
  if (content.length > size) throw new Error('a table with fewer symbols is larger')
  content.copy(file, at)
  file.fill(0, at + content.length, at + size)
  const sections = Number(file.readBigUInt64LE(40))
  for (let index = 0; index < file.readUInt16LE(60); index += 1) {
    const section = sections + index * 64
    if (file.readBigUInt64LE(section + 24) === BigInt(at))
      file.writeBigUInt64LE(BigInt(content.length), section + 32)
  }
}

/** A GNU hash table of names that stand in the order of their buckets, from this place in the table of symbols on. */
function hashTable(hashes: readonly number[], buckets: number, first: number): Buffer {
  // A filter of two bits for each name in words of 64; 2 ** 26 apart, as linkers have it.
  const [words, shift] = [2 ** Math.ceil(Math.log2(hashes.length / 4)), 26]
  const filter = new BigUint64Array(words)
  const starts = new Uint32Array(buckets)
  const chain = hashes.map((hash, index) => {
    const word = (hash >>> 6) % words
    filter[word] = (filter[word] ?? 0n) | (1n << BigInt(hash & 63)) | (1n << BigInt((hash >>> shift) & 63))
    starts[hash % buckets] ||= first + index
    const next = hashes[index + 1]
    const isLast = next === undefined || next % buckets !== hash % buckets
    return isLast ? (hash | 1) >>> 0 : (hash & ~1) >>> 0
  })
  return Buffer.concat(
    [Uint32Array.of(buckets, first, words, shift), filter, starts, Uint32Array.from(chain)].map((part) =>
      Buffer.from(part.buffer),
    ),
  )
}

function fewerSymbols(path: string, libraries: readonly string[]): void {
  const tables = tablesOf(path)
  const { file, symbols, strings, versions, hash, relocations } = tables
  const { first, count, size } = readHash(tables)
  const stay = needed(tables, first, count, libraries.map(tablesOf))
  const buckets = Math.ceil(stay.length / 2)
  const hashed = stay
    .map((index) => ({ index, name: nameOf(tables, index), hash: hashOf(nameOf(tables, index)) }))
    .sort((one, other) => (one.hash % buckets) - (other.hash % buckets))

  const old = Buffer.from(file)
  const nameAt = (index: number) => strings + old.readUInt32LE(symbols + index * symbolSize)
  const nameEnd = (from: number) => old.indexOf(0, from)
  for (let index = first; index < count; index += 1) file.fill(0, nameAt(index), nameEnd(nameAt(index)))
  const order = [...Array.from({ length: first }, (_, index) => index), ...hashed.map(({ index }) => index)]
  // A name may be the end of another.
  for (const index of order) old.copy(file, nameAt(index), nameAt(index), nameEnd(nameAt(index)))

  const pick = (at: number, each: number) =>
    Buffer.concat(order.map((index) => old.subarray(at + index * each, at + (index + 1) * each)))
  replace(file, symbols, count * symbolSize, pick(symbols, symbolSize))
  replace(file, versions, count * 2, pick(versions, 2))
  replace(
    file,
    hash,
    size,
    hashTable(
      hashed.map((symbol) => symbol.hash),
      buckets,
      first,
    ),
  )
  const places = new Map(order.map((index, place) => [index, place]))
  for (const at of relocations) file.writeUInt32LE(places.get(old.readUInt32LE(at + 12)) ?? 0, at + 12)
  writeFileSync(path, file)
  console.log(`${path}: ${stay.length} symbols of ${count - first}`)
}

const [program = '', ...libraries] = process.argv.slice(2)
fewerSymbols(program, libraries)
