/** What keeps a claim from its volume. */
import type { EntryOf } from '../../wire.ts'
import type { Scene } from '../scene.ts'
import { toldOf } from './told.ts'

type Claim = EntryOf<'persistentvolumeclaims'>

/** @returns a sentence; undefined for one that is bound, or of which nothing is known */
export function claimTrouble(scene: Scene, claim: Claim): string | undefined {
  const { name, phase, storageClass, requested = '' } = claim
  if (phase === 'Lost') return `The claim ${name} has lost its volume ${claim.volume ?? ''}.`
  if (phase !== 'Pending') return undefined
  const classes = scene.entries('storageclasses')
  if (storageClass === undefined && classes?.every(({ isDefault }) => !isDefault) === true)
    return `The claim ${name} names no class, and the cluster has no default StorageClass.`
  const known = classes?.find((one) => one.name === storageClass)
  if (storageClass !== undefined && storageClass !== '' && classes && !known)
    return noClass(claim, storageClass, classes)
  if (known?.volumeBindingMode === 'WaitForFirstConsumer' && !isMounted(scene, claim))
    return `The claim ${name} waits for a pod that mounts it: only then does the class ${known.name} make a volume.`
  const [failed] = toldOf(
    scene,
    { kind: 'PersistentVolumeClaim', ...claim },
    'ProvisioningFailed',
    'FailedBinding',
  )
  if (failed && !failed.message.includes('waiting for'))
    return `The claim ${name} gets no volume: ${failed.message}.`
  if (storageClass === '')
    return `The claim ${name} waits for a PersistentVolume without a class that fits: ${requested}, ${claim.accessModes.join(', ')}.`
  return undefined
}

function noClass(
  { name, volume }: Claim,
  wanted: string,
  classes: readonly { readonly name: string }[],
): string {
  const there =
    classes.length === 0 ? 'there is none at all' : `there is ${classes.map((one) => one.name).join(', ')}`
  const awaited = volume === undefined ? '' : `, and the volume ${volume} isn’t there either`
  return `The claim ${name} asks for the StorageClass ${wanted}, which isn’t there; ${there}${awaited}.`
}

const isMounted = (scene: Scene, { name }: Claim): boolean =>
  scene.entries('pods')?.some(({ claims = [] }) => claims.includes(name)) ?? true
