/**
 * Builds the image with buildah, for this machine's architecture, in its three colours, each also under the number of the book's
 * first edition; says which base images it was built on. `npm run image`; docker-bake.hcl does the same with Docker.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { buildStage } from './buildah.ts'
import { imageTags } from './image-tags.ts'
import { basesOf, originOf } from './stand-ins.ts'

const root = join(import.meta.dirname, '..')

const bases = basesOf(join(root, 'Dockerfile'))
const [revision = '', created = ''] = execFileSync('git', ['-C', root, 'log', '-1', '--format=%H %cI'], {
  encoding: 'utf8',
})
  .trim()
  .split(' ')
const architecture = { x64: 'amd64' }[process.arch as string] ?? process.arch

for (const [colour, number] of imageTags) {
  const tags = [`localhost/kuard:${colour}`, `localhost/kuard:${number}`]
  // buildah takes one whose labels alone are old from its cache, as long as it is there.
  spawnSync('podman', ['rmi', ...tags])
  // The commit's own date, so that what hasn't changed need not be built anew.
  const labels = { revision, created }
  buildStage(root, colour, tags, [
    // Said in full, since older buildahs leave BUILDPLATFORM empty.
    `--platform=linux/${architecture}`,
    `--build-arg=BUILDPLATFORM=linux/${architecture}`,
    // Not as the argument REVISION: buildah would take an older one's layer from its cache.
    `--env=KUARD_COMMIT=${revision}`,
    ...Object.entries(labels).map(([name, value]) => `--label=org.opencontainers.image.${name}=${value}`),
  ])
}
for (const origin of bases.map(originOf)) console.log(origin)
