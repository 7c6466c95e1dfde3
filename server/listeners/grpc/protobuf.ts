/** Messages of Protocol Buffers in bytes, by tables of their fields; what no service here needs is left out (https://protobuf.dev/programming-guides/encoding/). */

/** How a field's value is written: as a number of few bytes, or as its length and itself. */
const wire = { varint: 0, eightBytes: 1, length: 2, group: 3, groupEnd: 4, fourBytes: 5 } as const

/** What a field may hold, by its number in FieldDescriptorProto.Type. */
export const kinds = { int64: 3, int32: 5, bool: 8, string: 9, message: 11, bytes: 12, enum: 14 } as const
type Kind = keyof typeof kinds

/** Names for numbers. */
export interface Enum {
  /** Within its package; one inside of a message has that before a dot. */
  readonly name: string
  readonly values: Readonly<Record<string, number>>
}

/** One field of a message. */
export interface Field<Value = unknown> {
  readonly number: number
  readonly kind: Kind
  /** Of a message or an enum. */
  readonly type?: Message | Enum
  readonly isRepeated?: boolean
  /** The name of those of which a message has one at most. */
  readonly oneof?: string
  /** What it is where the bytes don't have it; without, it's undefined then. */
  readonly absent?: Value
}

type Fields = Readonly<Record<string, Field>>

/** A type of messages. */
export interface Message<Table extends Fields = Fields> {
  /** As an enum's. */
  readonly name: string
  readonly fields: Table
  /** Whether it is what a map repeats. */
  readonly isMapEntry?: boolean
}

type ValueOf<One> = One extends Field<infer Value> ? Value : never

/** What a message of a type says. */
export type Said<Type> =
  Type extends Message<infer Table> ? { readonly [Name in keyof Table]: ValueOf<Table[Name]> } : never

export const message = <const Table extends Fields>(name: string, fields: Table): Message<Table> => ({
  name,
  fields,
})

export const string = (number: number): Field<string> => ({ number, kind: 'string', absent: '' })
export const bool = (number: number): Field<boolean> => ({ number, kind: 'bool', absent: false })
export const int32 = (number: number): Field<number> => ({ number, kind: 'int32', absent: 0 })
export const int64 = (number: number): Field<bigint> => ({ number, kind: 'int64', absent: 0n })
export const enumeration = (number: number, type: Enum): Field<number> => ({
  number,
  kind: 'enum',
  type,
  absent: 0,
})
export const bytes = (number: number): Field<Buffer | undefined> => ({ number, kind: 'bytes' })
export const nested = <Table extends Fields>(
  number: number,
  type: Message<Table>,
): Field<Partial<Said<Message<Table>>> | undefined> => ({ number, kind: 'message', type })

/** One whose absence is told from its being 0 or empty. */
export const optional = <Value>(
  { absent: _, ...field }: Field<Value>,
  oneof?: string,
): Field<Value | undefined> => ({ ...field, ...(oneof === undefined ? {} : { oneof }) })

/** Any number of them. */
export const repeated = <Value>(field: Field<Value>): Field<readonly NonNullable<Value>[]> => ({
  number: field.number,
  kind: field.kind,
  ...(field.type ? { type: field.type } : {}),
  isRepeated: true,
})

/** A message as bytes. */
export function encode<Table extends Fields>(
  { fields }: Message<Table>,
  said: Partial<Said<Message<Table>>>,
): Buffer {
  const parts: Uint8Array[] = []
  for (const [name, field] of Object.entries<Field>(fields)) {
    const value = said[name]
    const values = field.isRepeated === true ? (value as readonly unknown[] | undefined) : [value]
    for (const one of values ?? []) {
      if (one !== undefined && (field.isRepeated === true || one !== field.absent))
        parts.push(...written(field, one))
    }
  }
  return Buffer.concat(parts)
}

/** A field's number and its value, which is of its kind: the functions above see to that. */
function written({ number, kind, type }: Field, value: unknown): Uint8Array[] {
  const tag = (how: number) => varint(BigInt((number << 3) | how))
  if (wireOf(kind) === wire.varint)
    return [tag(wire.varint), varint(BigInt(value as bigint | number | boolean))]
  const content =
    kind === 'string'
      ? Buffer.from(value as string)
      : kind === 'bytes'
        ? (value as Buffer)
        : encode(type as Message, value as object)
  return [tag(wire.length), varint(BigInt(content.length)), content]
}

/** Seven bits in each byte, the lowest first; a negative number is taken for one of 64 bits. */
function varint(value: bigint): Uint8Array {
  const digits: number[] = []
  let rest = BigInt.asUintN(64, value)
  for (; rest > 0x7fn; rest >>= 7n) digits.push(Number(rest & 0x7fn) | 0x80)
  return Uint8Array.of(...digits, Number(rest))
}

const wireOf = (kind: Kind): number =>
  kind === 'string' || kind === 'bytes' || kind === 'message' ? wire.length : wire.varint

/**
 * The message that bytes are of; fields that its type doesn't have are passed over.
 * @throws Error when they are no message at all
 */
export function decode<Table extends Fields>(type: Message<Table>, from: Buffer): Said<Message<Table>> {
  const fields = Object.entries<Field>(type.fields)
  const said: Record<string, unknown> = Object.fromEntries(
    fields.map(([name, { isRepeated, absent }]) => [name, isRepeated === true ? [] : absent]),
  )
  const reader = new Reader(from)
  while (!reader.isAtEnd) {
    const { number, how } = reader.tag()
    const value = reader.value(how)
    const [name, field] = fields.find(([, known]) => known.number === number) ?? []
    if (name === undefined || field === undefined) continue
    if (field.isRepeated === true) (said[name] as unknown[]).push(...valuesIn(field, how, value))
    else if (wireOf(field.kind) === how) said[name] = read(field, value)
  }
  // Each field is there, with a value of its kind.
  return said as Said<Message<Table>>
}

/** Repeated numbers may come one behind the other in one value, packed. */
function valuesIn(field: Field, how: number, value: bigint | Buffer): unknown[] {
  if (wireOf(field.kind) === how) return [read(field, value)]
  if (how !== wire.length || wireOf(field.kind) !== wire.varint) return []
  const reader = new Reader(value as Buffer)
  const values: unknown[] = []
  while (!reader.isAtEnd) values.push(read(field, reader.varint()))
  return values
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function read({ kind, type }: Field, value: bigint | Buffer): unknown {
  if (typeof value === 'bigint') {
    if (kind === 'bool') return value !== 0n
    return kind === 'int64' ? BigInt.asIntN(64, value) : Number(BigInt.asIntN(32, value))
  }
  if (kind === 'string') return utf8.decode(value)
  return kind === 'bytes' ? value : decode(type as Message, value)
}

const none = Buffer.alloc(0)

/** Reads bytes from their beginning to their end. */
class Reader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** Which field comes next, and how its value is written. */
  tag(): { readonly number: number; readonly how: number } {
    const tag = this.varint()
    if (tag < 8n || tag > 0xffff_ffffn) throw new Error(`${tag >> 3n} is no number of a field`)
    return { number: Number(tag >> 3n), how: Number(tag & 7n) }
  }

  varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#take(1)[0] ?? 0
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw new Error('a number is too long')
  }

  /** A value that was written in one of the ways there are. */
  value(how: number): bigint | Buffer {
    if (how === wire.varint) return this.varint()
    if (how === wire.length) return this.#take(Number(this.varint()))
    if (how === wire.eightBytes) return this.#take(8)
    if (how === wire.fourBytes) return this.#take(4)
    if (how === wire.group) return this.#group()
    throw new Error(`there is no way ${how} of writing a value`)
  }

  /** Passes over a group, which no message has any more, and those in it, however deep. */
  #group(): Buffer {
    for (let depth = 1; depth > 0;) {
      const { how } = this.tag()
      if (how === wire.group) depth += 1
      else if (how === wire.groupEnd) depth -= 1
      else this.value(how)
    }
    return none
  }

  #take(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new Error('the message is cut off')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }
}
