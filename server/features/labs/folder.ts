/** A folder of labs: small files with `.md` at the end of their names, as a ConfigMap's are mounted. */
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { gates } from '../../host/gate.ts'
import { readSmallFile } from '../../host/small-file.ts'

/** What a folder may hold; a ConfigMap takes a MiB in all. */
const most = { labs: 200, entries: 10_000, bytes: 256 * 1024 }

/** Digits and small letters, with a hyphen between words: a part of an address, and of a topic's name. */
const idPattern = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const longestId = 100

/** A file that may be a lab's. */
export type LabText = { readonly file: string; readonly id: string } & (
  { readonly text: string } | { readonly reason: string }
)

/** What a lab of this id would be called; undefined for what is no id. */
export const fileOf = (id: string): string | undefined =>
  idPattern.test(id) && id.length <= longestId ? `${id}.md` : undefined

/**
 * All of a folder, sorted by name; links are followed, and what lies in folders below it is left out.
 * @throws Error of node:fs, or TooSlow
 */
export async function readLabs(folder: string): Promise<readonly LabText[]> {
  const names = await gates.requests.run(() => namesIn(folder))
  const sorted = names.sort()
  const read = await Promise.all(sorted.slice(0, most.labs).map((name) => readLab(folder, name)))
  return [
    ...read,
    ...sorted
      .slice(most.labs)
      .map((file) => ({ file, id: '', reason: `the folder has more than ${most.labs} labs` })),
  ]
}

/** @param name of the file */
export async function readLab(folder: string, name: string): Promise<LabText> {
  const id = name.replace(/\.md$/, '')
  if (fileOf(id) === undefined)
    return {
      file: name,
      id,
      reason: `its name has to be of small letters, digits and hyphens, ${longestId} at most, and .md`,
    }
  try {
    const text = await gates.requests.run(() => readSmallFile(join(folder, name), most.bytes))
    return { file: name, id, text }
  } catch (error) {
    return { file: name, id, reason: (error as Error).message }
  }
}

/** Of a ConfigMap, `..data` and the folder that it leads to are its own. */
async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = []
  let seen = 0
  for await (const { name } of await opendir(folder)) {
    if (name.endsWith('.md') && !name.startsWith('.')) names.push(name)
    if ((seen += 1) >= most.entries || names.length > 2 * most.labs) break
  }
  return names
}
