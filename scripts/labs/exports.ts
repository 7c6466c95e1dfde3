/** The labs that ship, as other systems have them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { manifestsFolder } from '../chapters.ts'
import { challengeOf } from './iximiuz.ts'
import { scenarioOf } from './killercoda.ts'
import { curriculum, labsThatShip } from './shipped.ts'
import { Writing } from './writing.ts'

/** Files by their paths. */
export type Files = Readonly<Record<string, string>>

/**
 * Writes all of them, a folder for each.
 * @param image for kuard's own; it may have a tag
 * @returns their ids
 * @throws Error where a lab has a fault
 */
export function writeExports(folder: string, image?: string): string[] {
  const writing = new Writing(readFileSync(join(manifestsFolder, 'viewer.yaml'), 'utf8'), image)
  const all = curriculum()
  // As the server tells them, but in the Markdown that they are written in.
  const labs = labsThatShip(all, 'markdown').map(({ id, ...lab }) => ({ id, ...all.complete(lab).told }))
  for (const lab of labs) {
    write(join(folder, 'killercoda', lab.id), scenarioOf(lab, writing))
    write(join(folder, 'iximiuz', lab.id), challengeOf(lab, writing))
  }
  return labs.map(({ id }) => id)
}

function write(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { mode: name.endsWith('.sh') ? 0o755 : 0o644 })
  }
}
