/** The small files by which the kernel tells its figures, of proc and of control groups; one that can't be read tells nothing. */
import { readFile } from 'node:fs/promises'

/** Names and whole numbers, one pair on each line. */
export type Table = Readonly<Partial<Record<string, number>>>

/** The table that a file holds; empty when it can't be read. */
export async function readTable(path: string): Promise<Table> {
  const lines = (await readText(path))?.matchAll(/^(\S+) (\d+)$/gm) ?? []
  return Object.fromEntries([...lines].map(([, name = '', value]) => [name, Number(value)]))
}

/** The whole number that a file holds, or null. */
export const readNumber = async (path: string): Promise<number | null> =>
  wholeNumber((await readText(path)) ?? undefined)

/** `max` and -1 are no number: they stand for no limit. */
export const wholeNumber = (text: string | undefined): number | null =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : null

/** A whole number that may be below 0, or null. */
export const signedNumber = (text: string | null): number | null =>
  text !== null && /^-?\d+$/.test(text) ? Number(text) : null

/** A file's text without blanks around it, or null when it can't be read. */
export async function readText(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch {
    return null
  }
}
