/** Reads the answer to one request as it comes (HTTP/1.1, RFC 9112): node:http takes as long to do so as many a server to give it. */

/** A longer head is refused, in bytes, as node:http does. */
const mostHead = 16 << 10

/** What can't be read, with a code as node:http has it. */
class Unreadable extends Error {
  readonly code: string

  constructor(code: string) {
    super('the answer is no HTTP')
    this.code = code
  }
}

const noHttp = () => new Unreadable('HPE_INVALID_CONSTANT')

/** What comes next. */
type Part =
  'head' | 'body' | 'body to the end' | 'chunk size' | 'chunk' | 'end of chunk' | 'trailers' | 'nothing'

/** One answer. */
export class Answer {
  /** 0 until the head has come. */
  status = 0
  /** Names and values by turns. */
  headers: readonly string[] = []
  /** Whether any of it has come. */
  hasBegun = false
  /** Whether another request may follow on the connection, once all of it has come. */
  canFollow = true
  readonly #isHead: boolean
  readonly #body: (bytes: Buffer) => void
  #part: Part = 'head'
  /** What has come of a line or of a head that isn't whole. */
  #begun: Buffer | undefined
  /** Bytes of the body, or of the chunk, that are still to come. */
  #left = 0

  /**
   * @param method that it answers
   * @param body is given the body's bytes, which are good only until it returns
   */
  constructor(method: string, body: (bytes: Buffer) => void) {
    this.#isHead = method === 'HEAD'
    this.#body = body
  }

  /**
   * @param bytes that have come
   * @returns whether that is all
   * @throws Error whose code begins with HPE_ when it is no HTTP
   */
  take(bytes: Buffer): boolean {
    this.hasBegun = true
    let rest = this.#begun ? Buffer.concat([this.#begun, bytes]) : bytes
    this.#begun = undefined
    while (rest.length > 0 && this.#part !== 'nothing') {
      const used = this.#takePart(rest)
      if (used === 0) {
        if (rest.length > mostHead) throw new Unreadable('HPE_HEADER_OVERFLOW')
        this.#begun = Buffer.from(rest)
        return false
      }
      rest = rest.subarray(used)
    }
    // What nobody has asked for.
    if (rest.length > 0) this.canFollow = false
    return this.#part === 'nothing'
  }

  /**
   * The connection has ended.
   * @returns whether that is the answer's end
   * @throws Error as `take`
   */
  end(): boolean {
    if (this.#part === 'head' && this.#begun && !couldBeHttp(this.#begun)) throw noHttp()
    return this.#part === 'body to the end'
  }

  /** @returns how many bytes it has used; 0 where it wants more */
  #takePart(bytes: Buffer): number {
    if (this.#part === 'head') return this.#takeHead(bytes)
    if (this.#part === 'body to the end') {
      this.#body(bytes)
      return bytes.length
    }
    if (this.#part === 'body' || this.#part === 'chunk') return this.#takeBody(bytes)
    if (this.#part === 'end of chunk' && !'\r\n'.startsWith(bytes.toString('latin1', 0, 2)))
      throw new Unreadable('HPE_STRICT')
    const length = bytes.indexOf('\r\n')
    if (length < 0) return 0
    this.#takeLine(bytes.toString('latin1', 0, length))
    return length + 2
  }

  #takeBody(bytes: Buffer): number {
    const used = Math.min(this.#left, bytes.length)
    this.#body(bytes.subarray(0, used))
    this.#left -= used
    if (this.#left === 0) this.#part = this.#part === 'chunk' ? 'end of chunk' : 'nothing'
    return used
  }

  /** A line of the chunked coding, RFC 9112, section 7.1. */
  #takeLine(line: string): void {
    if (this.#part === 'trailers') {
      if (line === '') this.#part = 'nothing'
    } else if (this.#part === 'end of chunk') {
      this.#part = 'chunk size'
    } else {
      const [, size = ''] = /^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(line) ?? []
      if (size === '') throw new Unreadable('HPE_INVALID_CHUNK_SIZE')
      this.#left = parseInt(size, 16)
      this.#part = this.#left === 0 ? 'trailers' : 'chunk'
    }
  }

  #takeHead(bytes: Buffer): number {
    if (!couldBeHttp(bytes)) throw noHttp()
    const length = bytes.indexOf('\r\n\r\n')
    if (length < 0) return 0
    if (length > mostHead) throw new Unreadable('HPE_HEADER_OVERFLOW')
    const [first = '', ...lines] = bytes.toString('latin1', 0, length).split('\r\n')
    const [, minor, code] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/.exec(first) ?? []
    if (minor === undefined) throw noHttp()
    const status = Number(code)
    // Such as 103 Early Hints: the answer is still to come. 101 is never asked for.
    if (status >= 200 || status === 101) this.#begin(status, lines.flatMap(fieldOf), minor === '0')
    return length + 4
  }

  /** How long the body is: RFC 9112, section 6.3. */
  #begin(status: number, headers: readonly string[], isOld: boolean): void {
    this.status = status
    this.headers = headers
    const connection = valuesOf(headers, 'connection').toLowerCase()
    this.canFollow = isOld ? connection.includes('keep-alive') : !connection.includes('close')
    const coding = valuesOf(headers, 'transfer-encoding').toLowerCase()
    const length = valuesOf(headers, 'content-length')
    if (this.#isHead || status < 200 || status === 204 || status === 304) this.#part = 'nothing'
    else if (coding.endsWith('chunked')) this.#part = 'chunk size'
    else if (coding === '' && length !== '') {
      this.#left = lengthOf(length)
      this.#part = this.#left === 0 ? 'nothing' : 'body'
    } else this.#part = 'body to the end'
    if (this.#part === 'body to the end' || status === 101) this.canFollow = false
  }
}

/** Whether what comes first is the beginning of an answer. */
const couldBeHttp = (bytes: Buffer): boolean => 'HTTP/1.'.startsWith(bytes.toString('latin1', 0, 7))

function fieldOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(':')
  if (colon <= 0) throw new Unreadable('HPE_INVALID_HEADER_TOKEN')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}

/** All values of a header, with commas between them; empty without any. @param name in lower case */
function valuesOf(headers: readonly string[], name: string): string {
  let values = ''
  for (let index = 0; index < headers.length; index += 2) {
    const candidate = headers[index] ?? ''
    if (candidate.length !== name.length || candidate.toLowerCase() !== name) continue
    values += (values === '' ? '' : ',') + (headers[index + 1] ?? '')
  }
  return values
}

/** The same length may be said more than once. */
function lengthOf(values: string): number {
  const [length = '', ...others] = values.split(',').map((value) => value.trim())
  if (!/^\d{1,15}$/.test(length) || others.some((other) => other !== length))
    throw new Unreadable('HPE_INVALID_CONTENT_LENGTH')
  return Number(length)
}
