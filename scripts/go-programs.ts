/**
 * Programs that the tests of the deployment speak to, each built from its Go module when it is first asked for and kept for this and other
 * clones. `node scripts/go-programs.ts` builds them all.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { run } from './run.ts'

/** Each with the package that it is made of and its version; or the folder of its module, where that is here. */
const programs = {
  collector: ['test/deployment/collector'],
  actionlint: ['github.com/rhysd/actionlint/cmd/actionlint', 'v1.7.12'],
  grpcurl: ['github.com/fullstorydev/grpcurl/cmd/grpcurl', 'v1.9.4'],
  helm: ['helm.sh/helm/v4/cmd/helm', 'v4.3.2'],
  helm3: ['helm.sh/helm/v3/cmd/helm', 'v3.22.0'],
} as const

export type GoProgram = keyof typeof programs

const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kuard-ts')

/**
 * Builds a program, if that wasn't done before: up to some minutes.
 * @returns its path
 * @throws Error where there is no Go, or the module can't be had
 */
export function goProgram(name: GoProgram): string {
  const [source, release] = programs[name]
  const version = release ?? fingerprint(source)
  const path = join(folder, `${name}-${version}`)
  if (!existsSync(path)) build(source, release, path)
  return path
}

/** Another one whenever a module of this repository changes. */
function fingerprint(source: string): string {
  const hash = createHash('sha256')
  for (const name of ['go.mod', 'go.sum', 'main.go']) hash.update(readFileSync(join(source, name)))
  return hash.digest('hex').slice(0, 12)
}

/** Two who build the same come to the same. */
function build(source: string, release: string | undefined, path: string): void {
  mkdirSync(folder, { recursive: true })
  const own = mkdtempSync(join(folder, 'go-'))
  try {
    const what = release === undefined ? source : `${source}@${release}`
    console.log(`building ${what} (once)`)
    const where = release === undefined ? ['-C', source, '.'] : [what]
    const options = ['-trimpath', '-ldflags=-s -w']
    run('go', ['install', ...where.slice(0, -1), ...options, ...where.slice(-1)], {
      ...process.env,
      CGO_ENABLED: '0',
      GOBIN: own,
    })
    renameSync(join(own, source.slice(source.lastIndexOf('/') + 1)), path)
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

if (import.meta.main) for (const name of Object.keys(programs)) goProgram(name as GoProgram)
