/**
 * Makes a clone ready: installs what is missing and builds what is out of date.
 * Plain JavaScript without libraries, since it runs before any is installed, on whatever Node brought npm in.
 * `--for-tests` also installs the system packages that the tests need, `--with-python-tests` what those in Python are made with,
 * `--for-image-tests` the packages for building and trying the image, and `--for-deployment-tests` the schemas of Kubernetes.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath, URL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

// As npm does for its scripts: there is a newer Node in it than the one that runs this.
process.env.PATH = [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter)

/** Debian's packages that the tests need, by the programs that they run; coreutils and a shell are everywhere. */
const testPackages = {
  'chromium-headless-shell': 'chromium-headless-shell',
  curl: 'curl',
  dnsmasq: 'dnsmasq-base',
  git: 'git',
  ip: 'iproute2',
  mount: 'mount',
  nginx: 'nginx',
  openssl: 'openssl',
  prlimit: 'util-linux',
  promtool: 'prometheus',
  python3: 'python3-venv',
  'redis-benchmark': 'redis-tools',
  'redis-cli': 'redis-tools',
  'redis-server': 'redis-server',
  script: 'bsdutils',
  'ssh-keygen': 'openssh-client',
  unshare: 'util-linux',
  zsh: 'zsh',
}

/** Without it some tests are left out, and say so: not every release of Debian has it. */
const testPackageIfKnown = 'valkey-server'

/** What the image is built, run and measured with. */
const imageTestPackages = {
  buildah: 'buildah',
  busybox: 'busybox-static',
  debootstrap: 'debootstrap',
  git: 'git',
  iptables: 'iptables',
  podman: 'podman',
  runc: 'runc',
  zstd: 'zstd',
}

const oldestNode = [20, 0]
/** From here on Node runs TypeScript as it is. */
const oldestNodeForTypeScript = [22, 18]

/** What makes a clone ready, in this order. */
const steps = [
  stamped('node_modules/.prepared', ['package-lock.json'], () => {
    // Whatever NODE_ENV or the user's own settings leave out is needed to build.
    run('npm', ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'])
    dropForeignNode()
  }),
  stamped(
    'dist/.built',
    ['server', 'ui', 'manifests', 'labs', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json'],
    () => {
      const version = spawnSync('node', ['--version'], { encoding: 'utf8' }).stdout.trim()
      requireNode(version, oldestNodeForTypeScript)
      run('node', ['scripts/build.ts'])
    },
  ),
]
for (const [flag, packages] of [
  ['--for-tests', testPackages],
  ['--for-image-tests', imageTestPackages],
]) {
  if (!process.argv.includes(flag)) continue
  steps.push({
    isDone: () => missingPrograms(packages).length === 0,
    work() {
      installPackages(packages)
      const isKnown = spawnSync('apt-cache', ['show', testPackageIfKnown], { stdio: 'ignore' }).status === 0
      if (packages === testPackages && isKnown) install([testPackageIfKnown], [testPackageIfKnown])
    },
  })
}

// From PyPI, each into an environment of its own.
for (const [flag, requirements, name] of [
  ['--with-python-tests', 'test/server/openapi/requirements.txt', 'python'],
  ['--for-deployment-tests', 'test/deployment/requirements.txt', 'schemas'],
]) {
  if (!process.argv.includes(flag)) continue
  steps.push(
    stamped(`node_modules/.cache/${name}/.installed`, [requirements], () => {
      const folder = join(root, 'node_modules/.cache', name)
      // Debian's python3 can be there without it.
      if (spawnSync('python3', ['-c', 'import ensurepip']).status !== 0)
        install(["Python's venv"], ['python3-venv'])
      run('python3', ['-m', 'venv', '--clear', folder])
      run(join(folder, 'bin/pip'), ['install', '--quiet', '--requirement', requirements])
    }),
  )
}

requireNode(process.version, oldestNode)
if (!steps.every(({ isDone }) => isDone())) {
  alone(() => {
    for (const { isDone, work } of steps) if (!isDone()) work()
  })
}

/** A step that is done when its stamp shows the fingerprint of the files and folders that it depends on. */
function stamped(stamp, sources, work) {
  const path = join(root, stamp)
  return {
    isDone: () => existsSync(path) && readFileSync(path, 'utf8') === fingerprint(sources),
    work() {
      const before = fingerprint(sources)
      work()
      writeFileSync(path, before)
    },
  }
}

function fingerprint(paths) {
  const hash = createHash('sha256')
  for (const path of paths.flatMap(filesAt)) hash.update(path).update(readFileSync(join(root, path)))
  return hash.digest('hex')
}

function filesAt(path) {
  const isFile = (file) => statSync(join(root, file)).isFile()
  if (isFile(path)) return [path]
  const names = readdirSync(join(root, path), { recursive: true }).sort()
  return names.map((name) => join(path, name)).filter(isFile)
}

/** Works while no other terminal does: two that install or build in one folder would spoil it for each other. */
function alone(work) {
  const lock = join(root, '.preparing')
  let waitsFor
  while (!taken(lock)) {
    const holder = holderOf(lock)
    if (holder && !isRunning(holder)) rmSync(lock, { force: true })
    else if (holder && holder !== waitsFor) {
      process.stderr.write(`Waiting for process ${holder}, which prepares this folder; else remove ${lock}\n`)
      waitsFor = holder
    }
    pause(100)
  }
  process.on('exit', () => rmSync(lock, { force: true }))
  work()
}

function taken(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') fail(`This folder can't be made ready: ${error.message}`)
    return false
  }
}

/** The process that holds a lock; undefined when it was made or given up just now. */
function holderOf(lock) {
  try {
    return Number(readFileSync(lock, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function pause(milliseconds) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

/** The Node that npm installs needs glibc; where there is none, as on Alpine, the system's own is used. */
function dropForeignNode() {
  const path = join(root, 'node_modules/.bin/node')
  if (existsSync(path) && spawnSync(path, ['--version']).status !== 0) rmSync(path)
}

function requireNode(version, [oldestMajor, oldestMinor]) {
  const [major, minor] = version.slice(1).split('.').map(Number)
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  fail(`This needs Node.js ${oldestMajor}.${oldestMinor} or newer; \`node\` is ${version}.`)
}

function missingPrograms(packages) {
  const folders = [...process.env.PATH.split(delimiter), '/usr/sbin', '/sbin']
  const isExecutable = (path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  }
  const isThere = (program) =>
    (program === 'chromium-headless-shell' && process.env.CHROMIUM_PATH) ||
    folders.some((folder) => isExecutable(join(folder, program)))
  return Object.keys(packages).filter((program) => !isThere(program))
}

function installPackages(packages) {
  const missing = missingPrograms(packages)
  install(missing, [...new Set(missing.map((program) => packages[program]))])
}

function install(missing, packages) {
  const names = packages.join(' ')
  const update = 'apt-get update -q'
  const install = `apt-get install -q -y --no-install-recommends ${names}`
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    fail(`The tests need ${missing.join(', ')}. On Debian or Ubuntu:\n  sudo ${update} && sudo ${install}`)
  }
  run('apt-get', update.split(' ').slice(1))
  process.env.DEBIAN_FRONTEND = 'noninteractive'
  run('apt-get', install.split(' ').slice(1))
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
