/** Many messages in one body: a JSON array, or a JSON value on each line. */
import { RefusedError } from './store.ts'

// Not in TypeScript’s own types yet: https://tc39.es/proposal-json-parse-with-source/
declare global {
  interface JSON {
    rawJSON(text: string): unknown
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown
  }
}

/** More are refused, so that no batch holds the others up for long. */
const most = 1000

/**
 * The messages of a batch: of a string its text, of all else its JSON.
 * @param body a JSON array, or NDJSON (https://github.com/ndjson/ndjson-spec), whose empty lines say nothing
 * @throws RefusedError `not valid` with what is wrong, and where
 */
export function messagesIn(body: string): string[] {
  // What stands before them stays, so that places in it are told as they are.
  const text = body.replace(/^\ufeff/, '')
  const messages = (text.trimStart().startsWith('[') ? arrayIn(text) : undefined) ?? linesIn(text)
  if (messages.length === 0) throw refused('the batch has no messages')
  refuseTooMany(messages.length)
  const broken = messages.findIndex((message) => !message.isWellFormed())
  if (broken >= 0)
    throw refused(`message ${broken + 1} of the batch is no Unicode text: half of a surrogate pair`)
  return messages
}

/** @returns undefined where the text is several values, each on its line: the first of them may be an array too */
function arrayIn(text: string): string[] | undefined {
  try {
    const values = JSON.parse(text) as unknown[]
    // Before they are read as they were written, which takes many times as long.
    refuseTooMany(values.length)
    return values.every((value) => typeof value === 'string')
      ? values
      : (JSON.parse(text, asWritten) as unknown[]).map(messageOf)
  } catch (error) {
    if (error instanceof RefusedError) throw error
    const written = text.trim()
    const [first = ''] = written.split('\n', 1)
    if (first !== written && isJson(first)) return undefined
    throw refused(`the batch is not a JSON array: ${(error as Error).message}`)
  }
}

/** Keeps numbers as they were written: many are more exact than JavaScript's. */
const asWritten = (_key: string, value: unknown, { source }: { readonly source?: string }): unknown =>
  typeof value === 'number' && source !== undefined ? JSON.rawJSON(source) : value

const messageOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

function linesIn(text: string): string[] {
  return text.split('\n').flatMap((line, index) => {
    const written = line.trim()
    if (written === '') return []
    try {
      const value: unknown = JSON.parse(written)
      return [typeof value === 'string' ? value : written]
    } catch (error) {
      throw refused(`line ${index + 1} of the batch is not JSON: ${(error as Error).message}`)
    }
  })
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function refuseTooMany(count: number): void {
  if (count > most)
    throw refused(`a batch has at most ${inWords(most)} messages, and this one ${inWords(count)}`)
}

const inWords = (count: number): string => count.toLocaleString('en-US')

const refused = (reason: string): RefusedError => new RefusedError('not valid', reason)
