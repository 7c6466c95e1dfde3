/** Docker as a reader of a chapter has it: podman under that name, with containers and images of its own above those of the machine. */
import assert from 'node:assert/strict'
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atEnd, type Lifetime } from './at-end.ts'
import { command, type Outcome } from './command.ts'

const root = join(import.meta.dirname, '../..')

/** One that goes with its test. */
export class Docker {
  /** Where a program is that is called docker. */
  readonly bin: string

  private constructor(bin: string) {
    this.bin = bin
  }

  /** @param folder which it may fill, and which is removed by others */
  static async in(lifetime: Lifetime, folder: string): Promise<Docker> {
    const { output, errors } = await command('podman', ['info', '--format={{.Store.GraphRoot}}'])
    const machines = output.trim()
    assert.ok(machines !== '', errors)
    const file = (name: string, text: string): string => {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    }
    mkdirSync(folder)
    const images = join(folder, 'images')
    const storage = `[storage]
driver = "overlay"
graphroot = "${images}"
runroot = "${join(folder, 'run')}"
[storage.options]
additionalimagestores = ["${machines}"]
`
    // As Docker does: names are those of its own registry, and one on this machine needs no certificate.
    const registries = `unqualified-search-registries = ["docker.io"]
[[registry]]
location = "localhost:5001"
insecure = true
`
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    const program = file(
      'bin/docker',
      `#!/bin/sh
export CONTAINERS_CONF='${join(root, 'scripts/containers.conf')}'
export CONTAINERS_STORAGE_CONF='${file('storage.conf', storage)}'
export CONTAINERS_REGISTRIES_CONF='${file('registries.conf', registries)}'
exec podman "$@"
`,
    )
    chmodSync(program, 0o755)
    const docker = new Docker(bin)
    atEnd(lifetime, async () => {
      await docker.run('rm', '--all', '--force', '--time=0', '--volumes')
      // podman keeps it mounted onto itself; it may not have come to that.
      await command('umount', [join(images, 'overlay')])
    })
    return docker
  }

  run(...args: string[]): Promise<Outcome> {
    return command(join(this.bin, 'docker'), args)
  }

  /** The containers and the names of images that there are above the machine's. */
  async left(): Promise<string[]> {
    const containers = await this.run('ps', '--all', '--format={{.Names}}')
    const images = await this.run(
      'images',
      '--filter=readonly=false',
      '--filter=dangling=false',
      '--format={{.Repository}}:{{.Tag}}',
    )
    assert.deepEqual([containers.code, images.code], [0, 0], containers.errors + images.errors)
    return (containers.output + images.output).split('\n').filter((name) => name !== '')
  }
}

/** Puts there what the image is built from, as .dockerignore has it. @param folder with the manifests in it already */
export function copySources(folder: string): void {
  const names = Array.from(
    readFileSync(join(root, '.dockerignore'), 'utf8').matchAll(/^!(.+)$/gm),
    ([, name = '']) => name,
  )
  for (const name of ['.dockerignore', 'Dockerfile', ...names.filter((name) => name !== 'manifests')])
    cpSync(join(root, name), join(folder, name), { recursive: true })
}
