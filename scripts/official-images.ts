/**
 * The other systems that the manifests run: their official images or, where no registry can be reached, test/cluster/images.
 * `npm run official-images` has them all there before they are needed.
 */
import { createHash } from 'node:crypto'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { buildStage } from './buildah.ts'
import { base, basesOf, debianStandIn, label, type Base, type StandIn } from './stand-ins.ts'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'test/cluster/images')
/** Of what there is a stand-in: a stage by the last word of its name. */
const known = ['ghost', 'mariadb', 'mongo', 'nginx', 'parseplatform/parse-server', 'prom/prometheus', 'redis']

/** Makes sure that the images are there, under the names by which a node looks for them, as `docker.io/library/redis:8.0.2`. */
export function officialImages(): readonly Base[] {
  return imagesOfManifests().map(officialImage)
}

/** Makes sure that one of them is there. @param image as `redis:8.0.2` */
export const officialImage = (image: string): Base => base(fullName(image), standIn(image))

const fullName = (image: string): string =>
  image.includes('/') ? `docker.io/${image}` : `docker.io/library/${image}`

function imagesOfManifests(): string[] {
  const images = globSync('manifests/*/*.yaml', { cwd: root }).flatMap((path) =>
    Array.from(
      readFileSync(join(root, path), 'utf8').matchAll(/\bimage: (\S+)$/gm),
      ([, image = '']) => image,
    ),
  )
  return [...new Set(images)].filter((image) => known.includes(image.split(':')[0] ?? '')).sort()
}

function standIn(image: string): StandIn {
  const [name = '', version = ''] = image.split(':')
  const target = posix.basename(name)
  const words = `made of test/cluster/images, ${fingerprint()}`
  return {
    words,
    make(tag: string): void {
      const [node] = basesOf(join(root, 'Dockerfile'))
      const debian = base('docker.io/library/debian:trixie-slim', debianStandIn)
      buildStage(
        folder,
        target,
        [tag],
        [
          ...Object.entries({ DEBIAN: debian.name, NODE: node.name, VERSION: version }).map(
            ([argument, value]) => `--build-arg=${argument}=${value}`,
          ),
          `--label=${label}=${words}`,
        ],
      )
    },
  }
}

/** By which a stand-in is known to be of other files than these. */
function fingerprint(): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)))
  return hash.digest('hex').slice(0, 12)
}

if (import.meta.main) officialImages()
