/** The labs that ship, as other systems have them. */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { kinds } from '../../server/features/cluster/sight/scene.ts'
import { readLabFile } from '../../server/features/labs/lab-file.ts'
import { Curriculum } from '../../server/features/labs/steps.ts'
import type { Lab } from '../../server/features/labs/wire.ts'
import { root } from '../bundling.ts'
import { chapters, manifestsFolder } from '../chapters.ts'
import { challengeOf } from './iximiuz.ts'
import { scenarioOf } from './killercoda.ts'
import { Writing } from './writing.ts'

/** Files by their paths. */
export type Files = Readonly<Record<string, string>>

/**
 * Writes all of them, a folder for each.
 * @param image for kuard's own; it may have a tag
 * @returns their ids
 * @throws Error where a lab has a fault
 */
export async function writeExports(folder: string, image?: string): Promise<string[]> {
  const writing = new Writing(readFileSync(join(manifestsFolder, 'viewer.yaml'), 'utf8'), image)
  const labs = await labsInMarkdown()
  for (const lab of labs) {
    write(join(folder, 'killercoda', lab.id), scenarioOf(lab, writing))
    write(join(folder, 'iximiuz', lab.id), challengeOf(lab, writing))
  }
  return labs.map(({ id }) => id)
}

/** As the server tells them, but in the Markdown that they are written in. */
async function labsInMarkdown(): Promise<Lab[]> {
  const all = chapters()
  const lessons = {
    chapters: () => Promise.resolve(all),
    text: (path: string) => Promise.resolve(readFileSync(join(manifestsFolder, path), 'utf8')),
  }
  const curriculum = new Curriculum(lessons, all, kinds)
  const files = globSync('labs/*.md', { cwd: root }).sort()
  return Promise.all(
    files.map(async (file) => {
      const read = readLabFile(readFileSync(join(root, file), 'utf8'), undefined, 'markdown')
      const whole = 'faults' in read ? read.faults : await curriculum.complete(read.lab)
      if (!('told' in whole)) throw new Error(`${file}: ${whole.map(({ reason }) => reason).join('; ')}`)
      return { id: basename(file, '.md'), ...whole.told }
    }),
  )
}

function write(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { mode: name.endsWith('.sh') ? 0o755 : 0o644 })
  }
}
