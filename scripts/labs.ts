/**
 * Writes each lab as a Killercoda scenario and as a challenge of iximiuz Labs, below dist-labs/: `npm run labs`, or
 * `npm run labs -- --image=registry.example.com/me/kuard` for one that those clusters can pull.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './bundling.ts'
import { writeExports } from './labs/exports.ts'

const { values } = parseArgs({ options: { image: { type: 'string' } } })
const folder = join(root, 'dist-labs')
await rm(folder, { recursive: true, force: true })
const labs = writeExports(folder, values.image)
console.log(`${labs.length} labs are in ${folder}: killercoda/ID and iximiuz/ID`)
