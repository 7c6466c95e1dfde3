/**
 * Stand-ins for images where no registry can be reached: under their own names, so that the real Dockerfile is what is built, and the
 * real manifests are what is applied. They are made of Debian's packages, of the Node.js in node_modules and of the npm that runs this.
 */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { run } from './run.ts'

/** By which a stand-in is known again. */
export const label = 'kuard.stand-in'
const authorities = 'etc/ssl/certs/ca-certificates.crt'

/** Where an image comes from. */
export interface Base {
  readonly name: string
  /** What stands in for it; undefined when it is the real one. */
  readonly standIn: string | undefined
}

/** Says where an image comes from. */
export const originOf = ({ name, standIn }: Base): string =>
  standIn === undefined ? `${name}: the real image` : `${name}: a stand-in, ${standIn}`

/** Makes sure that the base images of a Dockerfile are there, pulled or stood in for. */
export function basesOf(dockerfile: string): readonly [node: Base, busybox: Base] {
  const nameOf = (argument: string): string => {
    const name = new RegExp(`^ARG ${argument}=(\\S+)$`, 'm').exec(readFileSync(dockerfile, 'utf8'))?.[1]
    if (name === undefined) throw new Error(`${dockerfile} names no base image ${argument}`)
    return name
  }
  return [base(nameOf('NODE'), nodeStandIn), base(nameOf('BUSYBOX'), busyboxStandIn)]
}

/** What a stand-in is: in words, by which it is known again, and how it is made under a name. */
export interface StandIn {
  readonly words: string
  readonly make: (name: string) => void
}

/** Makes sure that an image is there, pulled or stood in for. */
export function base(name: string, standIn: StandIn): Base {
  const present = spawnSync(
    'podman',
    ['image', 'inspect', '--format', `{{index .Labels "${label}"}}`, name],
    {
      encoding: 'utf8',
    },
  )
  const known = present.status === 0 ? present.stdout.trim() : undefined
  if (known === '') return { name, standIn: undefined }
  if (spawnSync('podman', ['pull', '--quiet', name], { timeout: 300_000 }).status === 0)
    return { name, standIn: undefined }
  if (known !== standIn.words) standIn.make(name)
  return { name, standIn: standIn.words }
}

/** A stand-in made of a folder's files. */
function ofFiles(words: string, fill: (folder: string) => void): StandIn {
  return {
    words,
    make(name) {
      const folder = mkdtempSync(join(tmpdir(), 'stand-in-'))
      const archive = `${folder}.tar`
      try {
        fill(folder)
        run('tar', ['-C', folder, '-c', '-f', archive, '.'])
        run('podman', ['import', '--quiet', '--change', `LABEL ${label}="${words}"`, archive, name])
      } finally {
        rmSync(folder, { recursive: true, force: true })
        rmSync(archive, { force: true })
      }
    },
  }
}

export const debianStandIn = ofFiles('Debian trixie by debootstrap', (folder) => {
  run('debootstrap', ['--variant=minbase', 'trixie', folder])
  for (const path of [
    'var/cache/apt',
    'var/lib/apt/lists',
    'usr/share/doc',
    'usr/share/locale',
    'usr/share/man',
  ])
    for (const name of readdirSync(join(folder, path))) rmSync(join(folder, path, name), { recursive: true })
})

const nodeStandIn = ofFiles(
  `Debian trixie by debootstrap, Node.js ${process.version} from the npm registry`,
  (folder) => {
    run('debootstrap', [
      '--variant=minbase',
      '--include=ca-certificates,libatomic1,libstdc++6',
      'trixie',
      folder,
    ])
    const local = join(folder, 'usr/local')
    cpSync(realpathSync(process.execPath), join(local, 'bin/node'))
    const modules = join(local, 'lib/node_modules')
    mkdirSync(modules, { recursive: true })
    cpSync(dirname(dirname(npm())), join(modules, 'npm'), { recursive: true })
    symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'))
    // Whom this machine trusts to be a registry.
    if (existsSync(join('/', authorities))) cpSync(join('/', authorities), join(folder, authorities))
    mkdirSync(join(local, 'etc'), { recursive: true })
    writeFileSync(join(local, 'etc/npmrc'), `cafile=/${authorities}\n`)
  },
)

/** The program of the npm that runs this. */
function npm(): string {
  const { npm_execpath: program } = process.env
  if (program === undefined) throw new Error('run this by npm: npm run image')
  return realpathSync(program)
}

const busyboxStandIn = ofFiles("Debian's busybox-static", (folder) => {
  mkdirSync(join(folder, 'bin'))
  const program = ['/usr/bin/busybox', '/bin/busybox'].find((path) => existsSync(path))
  cpSync(program ?? 'busybox', join(folder, 'bin/busybox'))
})
