/**
 * Makes a clone ready: installs what is missing and builds what is out of date.
 * Plain JavaScript without libraries, since it runs before any is installed, on whatever Node brought npm in.
 * `--for-tests` also installs the system packages that the tests need.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** Debian's packages that the tests need, by a program that each brings. */
const testPackages = {
  dnsmasq: 'dnsmasq-base',
  promtool: 'prometheus',
  'ssh-keygen': 'openssh-client',
  curl: 'curl',
  openssl: 'openssl',
}

/** Runs a command with its output on ours; ends this process with its code if it fails. */
function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (error) fail(`${command} can't be run: ${error.message}`)
  if (status !== 0) process.exit(status ?? 1)
}

function fail(reason) {
  process.stderr.write(`${reason}\n`)
  process.exit(1)
}

/** A fingerprint of the contents of files and folders. */
function fingerprint(...paths) {
  const hash = createHash('sha256')
  const add = (path) => {
    hash.update(path)
    hash.update(readFileSync(join(root, path)))
  }
  for (const path of paths) {
    const isFile = /\.\w+$/.test(path)
    if (isFile) add(path)
    else
      for (const entry of readdirSync(join(root, path), { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) add(join(entry.parentPath.slice(root.length + 1), entry.name))
      }
  }
  return hash.digest('hex')
}

/** Does the work if its stamp in a folder doesn't show this fingerprint, and stamps it. */
function unlessDone(stamp, current, work) {
  const path = join(root, stamp)
  if (existsSync(path) && readFileSync(path, 'utf8') === current) return
  work()
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, current)
}

function hasProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function installTestPackages() {
  const missing = Object.entries(testPackages).filter(([program]) => !hasProgram(program))
  if (missing.length === 0) return
  const packages = missing.map(([, name]) => name)
  const command = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
  if (process.getuid?.() !== 0 || !hasProgram('apt-get')) {
    fail(
      `The tests need ${missing.map(([program]) => program).join(', ')}. On Debian or Ubuntu:\n  sudo ${command}`,
    )
  }
  run('apt-get', ['update', '-q'])
  run('env', ['DEBIAN_FRONTEND=noninteractive', ...command.split(' ')])
}

unlessDone('node_modules/.prepared', fingerprint('package-lock.json'), () =>
  run('npm', ['ci', '--no-audit', '--no-fund']),
)
unlessDone(
  'dist/.built',
  fingerprint('server', 'scripts/build.ts', 'package.json', 'package-lock.json'),
  () => run('env', ['node', 'scripts/build.ts']),
)
if (process.argv.includes('--for-tests')) installTestPackages()
