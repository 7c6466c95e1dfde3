/** The labs that ship, and all that labs can refer to; for the server, which parses none of it, and for other systems. */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { kinds } from '../../server/features/cluster/sight/scene.ts'
import { readLabFile, type Form } from '../../server/features/labs/lab-file.ts'
import { inWords } from '../../server/features/labs/labs.ts'
import type { ShippedFile, ShippedLab } from '../../server/features/labs/shipped.ts'
import { Curriculum, type ManifestObject } from '../../server/features/labs/steps.ts'
import { root } from '../bundling.ts'
import { chapters, manifestPaths, manifestsFolder } from '../chapters.ts'

/** What the server reads of them. @throws Error where a lab has a fault */
export const shippedFile = (): ShippedFile => ({
  labs: labsThatShip(curriculum(), 'html'),
  manifests: objectsOfManifests(),
})

export const curriculum = (): Curriculum => new Curriculum(chapters(), new Map(objectsOfManifests()), kinds)

/** @throws Error where one has a fault */
export function labsThatShip(curriculum: Curriculum, form: Form): ShippedLab[] {
  const files = globSync('labs/*.md', { cwd: root }).sort()
  return files.map((file) => {
    const read = readLabFile(readFileSync(join(root, file), 'utf8'), undefined, form)
    const faults = 'faults' in read ? read.faults : curriculum.faultsOf(read.lab)
    if (!('lab' in read) || faults.length > 0)
      throw new Error(faults.map((fault) => inWords({ file, ...fault })).join('\n'))
    return { id: basename(file, '.md'), ...read.lab }
  })
}

const objectsOfManifests = (): (readonly [path: string, objects: readonly ManifestObject[]])[] =>
  manifestPaths().map((path) => [path, objectsIn(readFileSync(join(manifestsFolder, path), 'utf8'))])

/** The objects of a manifest that belong to the namespace in which it is applied, or to none. */
function objectsIn(text: string): ManifestObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const kind: unknown = document.get('kind')
    const name: unknown = document.getIn(['metadata', 'name'])
    const isElsewhere = document.hasIn(['metadata', 'namespace'])
    return typeof kind === 'string' && typeof name === 'string' && !isElsewhere ? [{ kind, name }] : []
  })
}
