/** Which version of kuard an image is, by its tag, and the colour that goes with it. */
import type { Pod } from '../../../../server/features/cluster/wire.ts'
import { versionColour } from '../../lib/version-colour.ts'

export interface ImageVersion {
  /** As CSS has it: of a version that kuard has, or none's. */
  readonly colour: string
  /** The tag of a kuard; name and tag of anything else. */
  readonly word: string
  readonly isKuard: boolean
}

const noColour = 'var(--edge)'
const digestLength = 7

/** @param image such as `kuard:blue`, `gcr.io/kuar-demo/kuard-amd64:v0.9-green` or `localhost:5000/redis@sha256:…` */
export function versionOf(image: string): ImageVersion {
  const [reference = '', digest] = (image.split('/').at(-1) ?? '').split('@')
  const [name = '', tag] = reference.split(':')
  const isKuard = name.includes('kuard')
  const short = tag ?? digest?.replace(/^sha256:/, '').slice(0, digestLength)
  const sign = tag === undefined ? '@' : ':'
  if (!isKuard)
    return { colour: noColour, word: short === undefined ? name : `${name}${sign}${short}`, isKuard }
  const colour = tag === undefined ? undefined : versionColour(tag)
  return { colour: colour ? `var(--${colour})` : noColour, word: short ?? name, isKuard }
}

/** Of several images the first kuard's, else the first one's; undefined for none. */
export function versionOfImages(images: readonly string[]): ImageVersion | undefined {
  const versions = images.map(versionOf)
  return versions.find(({ isKuard }) => isKuard) ?? versions[0]
}

/** By the pod, which is another object once it has changed: of thousands, one changes at a time. */
const known = new WeakMap<object, ImageVersion>()

/** Of what the pod is there for: what runs beside that doesn't count. */
export function versionOfPod(pod: Pick<Pod, 'containers'>): ImageVersion {
  const version = known.get(pod) ?? findVersion(pod)
  known.set(pod, version)
  return version
}

const findVersion = ({ containers }: Pick<Pod, 'containers'>): ImageVersion =>
  versionOfImages(containers.flatMap(({ role, image }) => (role === 'app' ? image : []))) ?? versionOf('')
