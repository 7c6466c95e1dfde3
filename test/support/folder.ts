/** A folder for one test. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atEnd, type Lifetime } from './at-end.ts'

/** Makes an empty folder, which is removed with the test, after all that was started since has ended. */
export function temporaryFolder(context: Lifetime): string {
  const folder = mkdtempSync(join(tmpdir(), 'kuard-'))
  atEnd(context, () => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}
