/** How conditions are spoken of: kinds, numbers, and fields that are to be so. */
import type { See, Wanted } from '../../../conditions/condition.ts'
import { comparisonIn, type Comparison } from '../../../conditions/fields.ts'
import type { Kind } from './scene.ts'

/** In the singular; all take an s. */
const nouns: Readonly<Record<Kind, string>> = {
  pods: 'pod',
  services: 'Service',
  endpointslices: 'EndpointSlice',
  endpoints: 'endpoint',
  replicasets: 'ReplicaSet',
  deployments: 'Deployment',
  statefulsets: 'StatefulSet',
  daemonsets: 'DaemonSet',
  jobs: 'Job',
  cronjobs: 'CronJob',
  horizontalpodautoscalers: 'HorizontalPodAutoscaler',
  poddisruptionbudgets: 'PodDisruptionBudget',
  persistentvolumeclaims: 'PersistentVolumeClaim',
  resourcequotas: 'ResourceQuota',
  limitranges: 'LimitRange',
  controllerrevisions: 'ControllerRevision',
  events: 'event',
  nodes: 'node',
  persistentvolumes: 'PersistentVolume',
  storageclasses: 'StorageClass',
}

/** Such as `pods`, for any number but one. */
export const nounOf = (kind: Kind, count = 1): string => (count === 1 ? nouns[kind] : `${nouns[kind]}s`)

/** Fields that say which objects are meant, and not how they are. */
const identifying: Partial<Record<Kind, Readonly<Record<string, (value: string) => string>>>> = {
  endpoints: { service: (value) => `of the Service ${value}` },
  endpointslices: { service: (value) => `of the Service ${value}` },
  events: {
    reason: (value) => value,
    'object.kind': (value) => `of a ${value}`,
    'object.name': (value) => `of ${value}`,
  },
}

const identifiersOf = (kind: Kind): Readonly<Record<string, (value: string) => string>> => ({
  name: (value) => `named ${value}`,
  ...identifying[kind],
})

/** The condition with the fields alone that say which are meant. */
export function identityOf({ with: fields = {}, ...see }: See, kind: Kind): See {
  const names = identifiersOf(kind)
  return { ...see, with: Object.fromEntries(Object.entries(fields).filter(([path]) => path in names)) }
}

/** Those meant: `pods with app=kuard`, `Deployment kuard`, `endpoints of the Service shop`. */
export function meantBy({ named, labels, with: fields = {} }: See, kind: Kind, count = 1): string {
  const names = identifiersOf(kind)
  const which = Object.entries(fields).flatMap(([path, wanted]) => names[path]?.(wantedWords(wanted)) ?? [])
  const labelled = labels === undefined ? [] : [`with ${labels}`]
  return [nounOf(kind, count), ...(named === undefined ? [] : [named]), ...which, ...labelled].join(' ')
}

const comparing: Readonly<Record<Comparison['operator'], string>> = {
  '>=': 'at least',
  '<=': 'at most',
  '>': 'more than',
  '<': 'fewer than',
}

/** A value as it is wanted: `3`, `at least 2`, `something that ends in :green`. */
export function wantedWords(wanted: Wanted): string {
  if (typeof wanted !== 'string') return String(wanted)
  const comparison = comparisonIn(wanted)
  if (comparison) return `${comparing[comparison.operator]} ${comparison.than}`
  return wanted.startsWith('~') ? patternWords(wanted.slice(1).trim()) : wanted
}

/** A pattern of plain letters is told as what it finds. */
function patternWords(pattern: string): string {
  const [, start = '', plain, end = ''] = /^(\^?)((?:[\w:/ ,=-]|\\[./])+)(\$?)$/.exec(pattern) ?? []
  if (plain === undefined) return `something like ${pattern}`
  const text = plain.replaceAll('\\', '')
  if (start !== '' && end !== '') return text
  if (start !== '') return `something that begins with ${text}`
  return end === '' ? `something with “${text}” in it` : `something that ends in ${text}`
}

/** Whether a number of a comparison, or one, is told in the singular. */
const isSingle = (wanted: Wanted): boolean => /^1$|\b1$/.test(wantedWords(wanted))

/** `1 pod`, `at least 2 pods`, `no pods`. */
const counted = (wanted: Wanted, noun: string): string =>
  `${wanted === 0 ? 'no' : wantedWords(wanted)} ${noun}${isSingle(wanted) ? '' : 's'}`

interface Verbs {
  readonly be: string
  readonly have: string
  readonly run: string
}
const one: Verbs = { be: 'is', have: 'has', run: 'runs' }
const many: Verbs = { be: 'are', have: 'have', run: 'run' }

type Phrase = (wanted: Wanted, verbs: Verbs, of: string) => string

const being =
  (word: string): Phrase =>
  (wanted, { be }) =>
    `${be} ${wanted === true || wanted === 'True' ? '' : 'not '}${word}`
const having =
  (noun: string): Phrase =>
  (wanted, { have }) =>
    `${have} ${counted(wanted, noun)}`
const at =
  (preposition: string): Phrase =>
  (wanted, { be }) =>
    `${be} ${preposition}${wantedWords(wanted)}`

/** `a message that ends in extra`, `revision 2`. */
const valued = (noun: string, wanted: Wanted): string =>
  typeof wanted === 'string' && wanted.startsWith('~')
    ? wantedWords(wanted).replace(/^something/, `${articleOf(noun)} ${noun}`)
    : `${noun} ${wantedWords(wanted)}`

const endedBy =
  (by: string): Phrase =>
  (wanted, { have }) =>
    `${have} a container that ended last ${by} ${wantedWords(wanted)}`

/** By the path of a field, what is said of one that is as wanted; what the pattern finds is handed on. */
const phrases: readonly (readonly [path: RegExp, phrase: Phrase])[] = [
  [/^(?:phase|status|type)$/, at('')],
  [
    /^node$/,
    (wanted, { be }) => (wanted === '~ .' ? `${be} on a node` : `${be} on node ${wantedWords(wanted)}`),
  ],
  [/^revision$/, at('at revision ')],
  [/^volume$/, at('bound to ')],
  [/^storageClass$/, at('of the class ')],
  [/^suspend$/, being('suspended')],
  [/^unschedulable$/, being('cordoned')],
  [/^isObserved$/, being('seen by its controller')],
  [/^isDefault$/, being('the default')],
  [/^changeCause$/, (wanted, { have }) => `${have} ${valued('cause', wanted)}`],
  [/^ownerReferences\.([^.]+)\.kind$/, (wanted, { be }, name) => `${be} of ${wantedWords(wanted)} ${name}`],
  [/^desired$/, (wanted, { be }) => `${be} to have ${counted(wanted, 'pod')}`],
  [/^current$/, having('pod')],
  [/^updated$/, (wanted, { have }) => `${have} ${counted(wanted, 'pod')} of the newest revision`],
  [
    /^ready$/,
    (wanted, verbs) =>
      (typeof wanted === 'boolean' ? being('ready') : having('ready pod'))(wanted, verbs, ''),
  ],
  [
    /^(available|unavailable|active|misscheduled)$/,
    (wanted, { have }, word) => `${have} ${counted(wanted, `${word} pod`)}`,
  ],
  [/^(succeeded|failed)$/, (wanted, { have }, word) => `${have} ${counted(wanted, 'pod')} that ${word}`],
  [/^containers\..*restartCount$/, having('restart')],
  [/^containers\..*image$|^images/, (wanted, { run }) => `${run} ${valued('image', wanted)}`],
  [
    /^containers\.\*\.ready$/,
    (wanted, { have }) => `${have} all containers${wanted === true ? '' : ' not'} ready`,
  ],
  [
    /^containers\.([^.]+)\.ready$/,
    (wanted, { have }, name) => `${have} container ${name}${wanted === true ? '' : ' not'} ready`,
  ],
  [
    /^containers\.\*\.(?:state|reason)$/,
    (wanted, { have }) => `${have} all containers ${wantedWords(wanted)}`,
  ],
  [
    /^containers\.([^.]+)\.(?:state|reason)$/,
    (wanted, { have }, name) => `${have} container ${name} ${wantedWords(wanted)}`,
  ],
  [/^containers\..*(?:lastState|terminated)\.reason$/, endedBy('by')],
  [/^containers\..*(?:lastState|terminated)\.exitCode$/, endedBy('with exit code')],
  [
    /^containers\.[^.]+\.(limits\.\w+|requests\.\w+)$/,
    (wanted, { have }, which) => `${have} the ${which.replace(/s\.(.*)/, ' of $1')} ${wantedWords(wanted)}`,
  ],
  [/^conditions\.([^.]+)\.status$/, (wanted, verbs, word) => being(word)(wanted, verbs, word)],
  [
    /^conditions\.([^.]+)\.reason$/,
    (wanted, { be }, word) => `${be} ${word} for the reason ${wantedWords(wanted)}`,
  ],
  [/^used\.(.+)$/, (wanted, { have }, name) => `${have} ${wantedWords(wanted)} of ${name} used`],
]

function phraseFor(path: string, wanted: Wanted, verbs: Verbs): string {
  for (const [pattern, phrase] of phrases) {
    const found = pattern.exec(path)
    if (found) return phrase(wanted, verbs, found[1] ?? '')
  }
  return typeof wanted === 'boolean'
    ? being(path)(wanted, verbs, '')
    : `${verbs.have} ${valued(path, wanted)}`
}

/** How they are to be: `are ready and run kuard:green`; empty where nothing is said of it. */
export function predicateOf({ with: fields = {} }: See, kind: Kind, count: number): string {
  const names = identifiersOf(kind)
  return Object.entries(fields)
    .filter(([path]) => !(path in names))
    .map(([path, wanted]) => phraseFor(path, wanted, count === 1 ? one : many))
    .join(' and ')
}

/** What is waited for, as a sentence: `Waiting until 3 pods with app=kuard are ready.` */
export function waitingFor(see: See, kind: Kind): string {
  const { named, count = '>= 1' } = see
  const number = isOne(see) || count === 0 ? 1 : 2
  const predicate = predicateOf(see, kind, number)
  // By its kind too: a pod, its ReplicaSet and its Service may have one name.
  if (predicate === '' && count === 0)
    return `Waiting until ${named === undefined ? `there is no ${meantBy(see, kind)}` : `the ${meantBy(see, kind)} is gone`}.`
  if (named !== undefined && predicate !== '' && count !== 0)
    return `Waiting until the ${meantBy(see, kind)} ${predicate}.`
  const amount =
    count === 0
      ? 'no'
      : named !== undefined
        ? 'the'
        : count === '>= 1'
          ? articleOf(nounOf(kind))
          : wantedWords(count)
  const what = `${amount} ${meantBy(see, kind, number)}`
  return predicate === '' ? `Waiting for ${what}.` : `Waiting until ${what} ${predicate}.`
}

/** Where none are meant yet. @param namespace undefined for what is in none */
export const waitingWhere = (see: See, namespace: string | undefined): string =>
  `Waiting for ${isOne(see) ? 'it' : 'them'}${namespace === undefined ? '' : ` in the namespace ${namespace}`}.`

const isOne = ({ named, count = '>= 1' }: See): boolean =>
  named !== undefined || count === '>= 1' || isSingle(count)

const articleOf = (noun: string): string => (/^[aeio]/i.test(noun) ? 'an' : 'a')
