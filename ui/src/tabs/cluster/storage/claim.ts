/** What a claim is at, why it waits, and what will become of its volume, in words: https://kubernetes.io/docs/concepts/storage/persistent-volumes/ */
import type {
  Event,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '../../../../../server/features/cluster/wire.ts'
import type { Mend } from '../mend.ts'
import type { SignState } from '../../../parts/state-sign.ts'
import { listOf } from '../../../lib/list-of.ts'
import { whyUnfit } from './fit.ts'
import { holdersOf, mountersOf } from './mounters.ts'

export interface ClaimVerdict {
  readonly state: SignState
  /** Such as "Bound" or "waits for a pod". */
  readonly word: string
  readonly words: string
  readonly mends: readonly Mend[]
}

/** What there is around a claim; what may not be read is undefined. */
export interface Surroundings {
  /** The claim’s. */
  readonly namespace: string | null
  readonly classes: readonly StorageClass[] | undefined
  readonly volumes: readonly PersistentVolume[] | undefined
  /** Whose spec names it, those that have ended too. */
  readonly pods: readonly Pod[]
  /** Of the claim, newest first. */
  readonly events: readonly Event[]
}

/** Its class makes no volumes: somebody has to. */
const noProvisioner = 'kubernetes.io/no-provisioner'

export function claimVerdict(claim: PersistentVolumeClaim, around: Surroundings): ClaimVerdict {
  if (claim.deletionTimestamp !== undefined) return terminating(around.pods)
  if (claim.phase === 'Bound') return { state: 'good', word: 'Bound', words: boundWords(claim), mends: [] }
  if (claim.phase === 'Lost') {
    const words = `The volume ${claim.volume ?? ''} is gone, with what was on it.`
    return { state: 'bad', word: 'Lost', words, mends: [] }
  }
  return pending(claim, around)
}

/** A change of its size that is under way. */
const boundWords = ({ conditions = [] }: PersistentVolumeClaim): string =>
  conditions
    .filter(({ status }) => status === 'True')
    .map(({ type, message }) => (message === undefined ? `${type}.` : `${type}: ${message}`))
    .join(' ')

/** Its finalizer kubernetes.io/pvc-protection holds it as long as a pod that has a node names it. */
function terminating(pods: readonly Pod[]): ClaimVerdict {
  const names = holdersOf(pods).map(({ name }) => name)
  if (names.length === 0)
    return { state: 'idle', word: 'Terminating', words: 'It goes any moment.', mends: [] }
  return {
    state: 'caution',
    word: 'Terminating',
    words: `It is deleted, and stays as long as ${listOf(names)} ${names.length === 1 ? 'has' : 'have'} it (the finalizer kubernetes.io/pvc-protection).`,
    mends: [{ words: 'lets it go, with the pods', command: `delete pods ${names.join(' ')}` }],
  }
}

function pending(claim: PersistentVolumeClaim, around: Surroundings): ClaimVerdict {
  const { storageClass, volume } = claim
  if (volume !== undefined) return waitsForVolume(claim, volume, around)
  if (storageClass === '') return waitsForAny(claim, 'It is of no class, so none is made for it', around)
  if (storageClass === undefined) return withoutClass(around)
  const { classes } = around
  const found = classes?.find(({ name }) => name === storageClass)
  if (classes && !found) return noSuchClass(claim, storageClass, classes, around)
  if (found?.provisioner === noProvisioner) return ofStaticClass(claim, found, around)
  return ofClass(claim, storageClass, found, around)
}

/** It names its volume. */
function waitsForVolume(
  claim: PersistentVolumeClaim,
  name: string,
  { namespace, volumes }: Surroundings,
): ClaimVerdict {
  const volume = volumes?.find((one) => one.name === name)
  const why = volume ? whyUnfit(claim, namespace, volume) : undefined
  const words =
    volumes && !volume
      ? `There is no volume ${name}.`
      : why
        ? `Volume ${name}: ${why}.`
        : `It wants volume ${name}.`
  return { state: 'bad', word: 'waits for its volume', words, mends: [describeClaim(claim)] }
}

/** A volume that somebody made, and why a claim isn’t bound to it; undefined if it fits. */
interface Candidate {
  readonly name: string
  readonly why: string | undefined
}

/** The volumes of the claim’s class; undefined where volumes may not be read. */
const candidatesFor = (
  claim: PersistentVolumeClaim,
  { namespace, volumes }: Surroundings,
): Candidate[] | undefined =>
  volumes
    ?.filter(({ storageClass = '' }) => storageClass === (claim.storageClass ?? ''))
    .map((volume) => ({ name: volume.name, why: whyUnfit(claim, namespace, volume) }))

const fittingOf = (candidates: readonly Candidate[]): string[] =>
  candidates.filter(({ why }) => why === undefined).map(({ name }) => name)

const aboutToBeBound = (claim: PersistentVolumeClaim, fitting: readonly string[]): ClaimVerdict => ({
  state: 'idle',
  word: 'about to be bound',
  words: `${fitting.length === 1 ? 'Volume' : 'Volumes'} ${listOf(fitting)} ${fitting.length === 1 ? 'fits' : 'fit'}.`,
  mends: [describeClaim(claim)],
})

const shownUnfit = 3

/** @param candidates of which none fits */
function unfitWords(candidates: readonly Candidate[]): string {
  const more = candidates.length - shownUnfit
  const words = candidates.slice(0, shownUnfit).map(({ name, why = '' }) => `${name}: ${why}`)
  return `${words.join('; ')}${more > 0 ? `; and ${String(more)} more that don’t fit` : ''}.`
}

/** Somebody has to make a volume that fits. @param why nobody does that for it by itself */
function waitsForAny(claim: PersistentVolumeClaim, why: string, around: Surroundings): ClaimVerdict {
  const candidates = candidatesFor(claim, around)
  const fitting = fittingOf(candidates ?? [])
  if (fitting.length > 0) return aboutToBeBound(claim, fitting)
  const list = !candidates
    ? ''
    : candidates.length === 0
      ? ' There is no volume of that kind.'
      : ` ${unfitWords(candidates)}`
  return {
    state: candidates ? 'bad' : 'caution',
    word: candidates ? 'no volume fits' : 'waits for a volume',
    words: `${why}: it waits for one that somebody makes.${list}`,
    mends: [{ words: 'shows those that there are', command: 'get persistentvolumes', isClusterWide: true }],
  }
}

/** Its class makes none, and may leave it unbound until the scheduler looks for a node from where one can be reached. */
function ofStaticClass(
  claim: PersistentVolumeClaim,
  { name, volumeBindingMode }: StorageClass,
  around: Surroundings,
): ClaimVerdict {
  const mounters = mountersOf(around.pods)
  const isLate = volumeBindingMode === 'WaitForFirstConsumer'
  if (isLate && mounters.length === 0)
    return {
      state: 'idle',
      word: 'waits for a pod',
      words: `The class ${name} makes none: the claim is bound to a volume that fits once a pod mounts it, one that the pod’s node can reach (WaitForFirstConsumer).`,
      mends: [],
    }
  const fitsNone = fittingOf(candidatesFor(claim, around) ?? []).length === 0
  const unscheduled = mounters.find(({ node, message }) => node === undefined && message !== undefined)
  if (isLate && unscheduled && !(around.volumes && fitsNone)) return waitsForNode(unscheduled)
  return waitsForAny(claim, `The class ${name} makes none`, around)
}

/** @param pod that mounts it */
const waitsForNode = ({ name, message }: Pod): ClaimVerdict => ({
  state: message === undefined ? 'idle' : 'caution',
  word: 'waits for a node',
  words: `Pod ${name} mounts it, and has no node yet${message === undefined ? '.' : `: ${message}`}`,
  mends: [{ words: 'says why', command: `describe pod ${name}` }],
})

function withoutClass({ classes }: Surroundings): ClaimVerdict {
  const defaults = classes?.filter(({ isDefault }) => isDefault) ?? []
  if (defaults.length > 0)
    return {
      state: 'idle',
      word: 'waits for its class',
      words: `It names no class, and is given the default one, ${defaults[0]?.name ?? ''}, within moments.`,
      mends: [],
    }
  const first = classes?.[0]?.name
  const words = classes
    ? `It names no class, and none is the default${classes.length === 0 ? ': there are no classes' : ` of ${listOf(classes.map(({ name }) => name))}`}.`
    : 'It names no class, and none seems to be the default.'
  const mends: Mend[] =
    first === undefined
      ? []
      : [
          {
            words: 'makes this class the default',
            command: `annotate storageclass ${first} --overwrite storageclass.kubernetes.io/is-default-class=true`,
            isClusterWide: true,
          },
        ]
  return { state: 'bad', word: 'no default class', words, mends }
}

function noSuchClass(
  claim: PersistentVolumeClaim,
  name: string,
  classes: readonly StorageClass[],
  around: Surroundings,
): ClaimVerdict {
  const named = classes.map((one) => (one.isDefault ? `${one.name} (the default)` : one.name))
  const there =
    named.length === 0
      ? 'There are none at all.'
      : `There ${named.length === 1 ? 'is' : 'are'} ${listOf(named)}.`
  // A volume may name a class that isn’t there, and is bound by that name.
  const candidates = candidatesFor(claim, around) ?? []
  const fitting = fittingOf(candidates)
  if (fitting.length > 0) return aboutToBeBound(claim, fitting)
  return {
    state: 'bad',
    word: 'no such class',
    words: `There is no class ${name}. ${there} A claim’s class can’t be changed: delete it and make it anew.${candidates.length > 0 ? ` Volumes that name the class: ${unfitWords(candidates)}` : ''}`,
    mends: [{ words: 'makes room for another', command: `delete pvc ${claim.name}` }],
  }
}

/** What its class has told last of the making of a volume. */
const told = [
  'ProvisioningFailed',
  'Provisioning',
  'ExternalProvisioning',
  'WaitForFirstConsumer',
  'WaitForPodScheduled',
  'FailedBinding',
]

const isMaking = (latest: Event | undefined): boolean =>
  latest?.reason === 'Provisioning' || latest?.reason === 'ExternalProvisioning'

function ofClass(
  claim: PersistentVolumeClaim,
  name: string,
  found: StorageClass | undefined,
  { pods, events }: Surroundings,
): ClaimVerdict {
  const mounters = mountersOf(pods)
  const latest = events.find(({ reason }) => told.includes(reason))
  if (latest?.reason === 'ProvisioningFailed')
    return {
      state: 'bad',
      word: 'not made',
      words: `A volume could not be made: ${latest.message}`,
      mends: [describeClaim(claim)],
    }
  const waits = found
    ? found.volumeBindingMode === 'WaitForFirstConsumer'
    : latest?.reason === 'WaitForFirstConsumer'
  // A pod is given its node only once the claim is bound, so that it has none while the volume is made.
  const isLate = waits && !isMaking(latest)
  if (isLate && mounters.length === 0)
    return {
      state: 'idle',
      word: 'waits for a pod',
      words: `The class ${name} makes a volume once a pod mounts the claim, on that pod’s node (WaitForFirstConsumer). Nothing is wrong.`,
      mends: [],
    }
  const unscheduled = mounters.find(({ node }) => node === undefined)
  if (isLate && unscheduled) return waitsForNode(unscheduled)
  const maker = found ? ` by ${found.provisioner}` : ''
  const words = latest?.reason === 'FailedBinding' ? latest.message : `A volume is being made${maker}.`
  return { state: 'idle', word: 'being made', words, mends: [describeClaim(claim)] }
}

const describeClaim = ({ name }: PersistentVolumeClaim): Mend => ({
  words: 'shows its events',
  command: `describe pvc ${name}`,
})

/** What will become of a volume when its claim is deleted. */
export function reclaimWords(policy: string | undefined): string {
  if (policy === 'Delete') return 'goes with the claim, and what is on it too'
  if (policy === 'Retain') return 'stays when the claim goes, Released, until somebody clears it'
  return policy === undefined ? 'not known' : `${policy} when the claim goes`
}
