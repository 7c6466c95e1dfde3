/** Watching paths, on a real file system and with the kernel's own symbolic links. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, renameSync } from 'node:fs'
import { rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Gate } from '../../server/host/gate.ts'
import { watchPath } from '../../server/host/watch.ts'
import { eventually } from '../support/eventually.ts'

function folderFor(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kuard-watch-'))
  context.after(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** Watches, and resolves `told` once the watch has reported since the last time it was asked. */
function watched(context: TestContext, path: string) {
  let calls = 0
  let heard = 0
  const stop = watchPath(path, new Gate(1), () => (calls += 1))
  context.after(stop)
  const told = async (what: string): Promise<void> => {
    // Well below the poll's interval: the kernel's report is what is awaited.
    await eventually(`${path} to be reported: ${what}`, () => calls > heard, 4_000)
    heard = calls
  }
  return { told, stop, calls: () => calls }
}

/** Lays out a folder as Kubernetes mounts a ConfigMap, and changes it as Kubernetes does. */
class Volume {
  readonly folder: string
  #version = 0

  constructor(folder: string, files: Readonly<Record<string, string>>) {
    this.folder = folder
    mkdirSync(folder)
    this.publish(files)
    for (const name of Object.keys(files)) symlinkSync(`..data/${name}`, join(folder, name))
  }

  publish(files: Readonly<Record<string, string>>): void {
    const before = `..version_${this.#version}`
    this.#version += 1
    const version = `..version_${this.#version}`
    mkdirSync(join(this.folder, version))
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(this.folder, version, name), text)
    }
    symlinkSync(version, join(this.folder, '..data_tmp'))
    renameSync(join(this.folder, '..data_tmp'), join(this.folder, '..data'))
    rmSync(join(this.folder, before), { recursive: true, force: true })
  }
}

test("a ConfigMap's swap is seen at the folder, at a file in it and through a link from elsewhere, again and again", async (context) => {
  const folder = folderFor(context)
  const volume = new Volume(join(folder, 'volume'), { key: 'one' })
  symlinkSync(join(folder, 'volume'), join(folder, 'elsewhere'))
  const watches = [
    watched(context, volume.folder),
    watched(context, join(volume.folder, 'key')),
    watched(context, join(folder, 'elsewhere', 'key')),
  ]
  await Promise.all(watches.map(({ told }) => told('it is new')))
  for (const text of ['two', 'three', 'four']) {
    volume.publish({ key: text })
    await Promise.all(watches.map(({ told }) => told(text)))
    assert.equal(readFileSync(join(folder, 'elsewhere', 'key'), 'utf8'), text)
  }
})

test('a file is seen when it is written in place, replaced, removed and written anew', async (context) => {
  const path = join(folderFor(context), 'file')
  writeFileSync(path, 'one')
  const { told } = watched(context, path)
  await told('it is new')
  appendFileSync(path, 'two')
  await told('appended')
  writeFileSync(`${path}.new`, 'three')
  renameSync(`${path}.new`, path)
  await told('replaced')
  appendFileSync(path, 'four')
  await told('appended after it was replaced')
  rmSync(path)
  await told('removed')
  writeFileSync(path, 'five')
  await told('written anew')
})

test('a file that is removed while it is looked at for the first time is reported', async (context) => {
  const folder = folderFor(context)
  const path = join(folder, 'file')
  writeFileSync(path, 'one')
  // Long enough that the file is older than the watch, by the kernel's clock.
  const written = statSync(path).ctimeMs
  await eventually('a later time', () => Date.now() > written + 100)
  /** Removes it in the moment between the looks at its folder and at itself. */
  class Interrupted extends Gate {
    #looks = 0
    override run<Result>(call: () => Promise<Result>, release?: (late: Result) => unknown): Promise<Result> {
      this.#looks += 1
      if (this.#looks === path.split('/').length) rmSync(path)
      return super.run(call, release)
    }
  }
  let calls = 0
  context.after(watchPath(path, new Interrupted(1), () => (calls += 1)))
  await eventually('the removal to be reported', () => calls > 0, 4_000)
})

test('a path whose folders come and go is seen at each step', async (context) => {
  const folder = folderFor(context)
  const deep = join(folder, 'a', 'b')
  const path = join(deep, 'file')
  const { told } = watched(context, path)
  await told('its folder is new')
  mkdirSync(deep, { recursive: true })
  writeFileSync(path, 'one')
  await told('created')
  rmSync(join(folder, 'a'), { recursive: true })
  await told('removed with its folders')
  mkdirSync(deep, { recursive: true })
  await told('its folders are back')
  writeFileSync(path, 'two')
  await told('back')
})

test('a folder is seen when an entry of it is added, written or removed, and not when a neighbour is', async (context) => {
  const folder = folderFor(context)
  const path = join(folder, 'watched')
  mkdirSync(path)
  const { told, calls } = watched(context, path)
  await told('it is new')
  writeFileSync(join(path, 'entry'), 'one')
  await told('added')
  appendFileSync(join(path, 'entry'), 'two')
  await told('written')
  rmSync(join(path, 'entry'))
  await told('removed')
  await sleep(300)
  const before = calls()
  writeFileSync(join(folder, 'neighbour'), 'one')
  await sleep(500)
  assert.equal(calls(), before)
})

test('many changes at once are told in few calls', async (context) => {
  const folder = folderFor(context)
  const { told, calls } = watched(context, folder)
  await told('it is new')
  for (let entry = 0; entry < 500; entry += 1) writeFileSync(join(folder, String(entry)), '')
  await told('changed')
  assert.ok(calls() < 100, `${calls()} calls`)
})

test('a watch that was stopped tells nothing', async (context) => {
  const folder = folderFor(context)
  const { told, stop, calls } = watched(context, folder)
  await told('it is new')
  stop()
  const before = calls()
  writeFileSync(join(folder, 'entry'), '')
  await sleep(500)
  assert.equal(calls(), before)
})

test('paths that can not exist, loops of links and files of the kernel are watched without an error', async (context) => {
  const folder = folderFor(context)
  symlinkSync('loop', join(folder, 'loop'))
  const odd = [join(folder, 'loop'), '/proc/self/status', '/dev/null/x', 'a\0b', '', `/${'x'.repeat(5000)}`]
  for (const path of odd) watched(context, path)
  const { told } = watched(context, join(folder, 'file'))
  await told('its folder is new')
  writeFileSync(join(folder, 'file'), '')
  await told('created')
})

test('an open watch does not keep the process alive', async (context) => {
  const program = `import { watchPath } from ${JSON.stringify(import.meta.resolve('../../server/host/watch.ts'))}
    import { gates } from ${JSON.stringify(import.meta.resolve('../../server/host/gate.ts'))}
    watchPath('/tmp', gates.watches, () => {})`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'inherit' })
  context.after(() => child.kill('SIGKILL'))
  assert.deepEqual(await once(child, 'exit'), [0, null])
})
