/** Asks the C library what it makes of a name, in a process that sees the files of a test. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { TestContext } from 'node:test'
import { atEnd } from './at-end.ts'
import type { Etc } from './resolv-conf.ts'

/** What to look up. */
export interface LibraryQuestion {
  readonly call: 'res_search' | 'getaddrinfo'
  readonly name: string
  /** A record type's number; getaddrinfo knows 1 (A), 28 (AAAA) and, without, both. */
  readonly type?: number
  readonly environment?: Readonly<Record<string, string>>
}

/** What came of it. */
export interface LibraryAnswer {
  /** The reply with records that res_search gives, in hex. */
  readonly reply?: string
  /** What getaddrinfo gives. */
  readonly addresses?: readonly string[]
  /** How netdb.h calls the fault: NO_DATA; EAI_NONAME by its number, -2. */
  readonly error?: string | number
}

/** Starts the process; ended with its test. */
export function startCLibrary(context: TestContext, { under }: Etc) {
  const args = [...under.slice(1), 'python3', '-I', join(import.meta.dirname, 'c-library.py')]
  const child = spawn(under[0], args, { stdio: ['pipe', 'pipe', 'inherit'] })
  atEnd(context, () => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return async (question: LibraryQuestion): Promise<LibraryAnswer> => {
    child.stdin.write(`${JSON.stringify(question)}\n`)
    const line = await lines.next()
    if (line.done) throw new Error('the process that asks the C library has ended')
    // c-library.py answers in this shape.
    return JSON.parse(line.value) as LibraryAnswer
  }
}
