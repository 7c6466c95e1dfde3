/** Labs of a test's own, and what a server that was given their folder says of them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LabList, type LabFault } from '../../server/features/labs/wire.ts'
import type { Lifetime } from './at-end.ts'
import { temporaryFolder } from './folder.ts'
import { startKuard, type Kuard } from './kuard.ts'

const front = 'title: Of my own\nminutes: 5\ngoal: You see it.'

/** A lab whose front matter takes five lines, so that its body begins in the seventh after one that is empty. */
export const labText = (body: string, fields = front): string => `---\n${fields}\n---\n\n${body}\n`

/** A lab of one step. @param block its lines of YAML */
export const labOfOne = (block: string): string =>
  labText(`## The step\n\nDo it.\n\n\`\`\`step\n${block}\n\`\`\`\n\nSo it is.`)

/** @param files their texts by their names @returns the folder */
export function labFolder(lifetime: Lifetime, files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(lifetime)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** A server outside of any cluster that was given these labs. */
export const startWithLabs = (lifetime: Lifetime, files: Readonly<Record<string, string>>): Promise<Kuard> =>
  startKuard(lifetime, [`--labs-dir=${labFolder(lifetime, files)}`])

/** What it says of its labs. */
export const labsOf = async (kuard: Kuard): Promise<LabList> => (await kuard.get('/labs/')).json(LabList)

/** As a log has it. */
export const inWords = ({ file, line, reason }: LabFault): string =>
  `${file}${line === null ? '' : `:${line}`}: ${reason}`
