/** What keeps a pod from running and being ready. */
import type { Container, Pod, Termination } from '../../wire.ts'
import type { Scene } from '../scene.ts'
import { claimTrouble } from './claims.ts'
import { toldOf, type About } from './told.ts'
import { within } from './sentence.ts'

const aboutPod = ({ name, uid }: Pod): About => ({ kind: 'Pod', name, uid })

/** The trouble of the newest pod that has some: in a rollout that is what it hangs on. */
export function podsTrouble(scene: Scene, pods: readonly Pod[]): string | undefined {
  const newestFirst = pods.toSorted((one, other) =>
    (one.creationTimestamp ?? '') < (other.creationTimestamp ?? '') ? 1 : -1,
  )
  for (const pod of newestFirst) {
    const trouble = podTrouble(scene, pod)
    if (trouble !== undefined) return trouble
  }
  return undefined
}

/** @returns a sentence; undefined for one that is ready, ended well, or is on its way as far as is known */
export function podTrouble(scene: Scene, pod: Pod): string | undefined {
  if (pod.phase === 'Succeeded') return undefined
  if (pod.reason === 'Evicted') return `${pod.name} was evicted: ${pod.message ?? ''}`
  if (pod.node === undefined) return unplaced(scene, pod)
  for (const container of pod.containers) {
    const trouble = containerTrouble(scene, pod, container)
    if (trouble !== undefined) return trouble
  }
  if (pod.status === 'ContainerCreating' || pod.status.startsWith('Init:')) return notMade(scene, pod)
  return undefined
}

function containerTrouble(scene: Scene, pod: Pod, container: Container): string | undefined {
  const { state, reason = '', role, ready } = container
  if (state === 'waiting') return waitsBy(scene, pod, container, reason)
  if (state === 'terminated' && container.terminated?.exitCode !== 0) return ended(pod, container)
  if (state === 'running' && role === 'init')
    return `${pod.name} waits until its init container ${container.name} has ended.`
  return state === 'running' && !ready ? notReady(scene, pod, container) : undefined
}

/** What is wanted of a node, in the scheduler's words and in ours. */
const placements: readonly (readonly [
  pattern: RegExp,
  words: (pod: Pod, found: RegExpExecArray) => string,
])[] = [
  [/Insufficient cpu/, (pod) => `no node has ${requested(pod, 'cpu', 'CPU')} left for it`],
  [/Insufficient memory/, (pod) => `no node has ${requested(pod, 'memory', 'memory')} left for it`],
  [/Too many pods/, () => 'the nodes are full: they take no more pods'],
  [
    /didn't match Pod's node affinity\/selector/,
    () => 'no node has the labels that its node selector or affinity asks for',
  ],
  [/didn't match pod anti-affinity rules/, () => 'each node has a pod that it must not be beside'],
  [/didn't match pod affinity rules/, () => 'no node has a pod that it must be beside'],
  [
    /didn't match pod topology spread constraints/,
    () => 'it may not stand where there is room: its pods are to be spread',
  ],
  [/didn't have free ports/, () => 'the port of the host that it wants is taken on each node'],
  [
    /untolerated taint \{?([^}]*[^}\s])\}?/,
    (_, [, taint = '']) => `it does not tolerate the taint ${taint.replace(/:\s*$/, '')}`,
  ],
  [/were unschedulable/, () => 'the nodes are cordoned'],
  [/volume node affinity conflict/, () => 'its volume lies on a node that it may not run on'],
]

function unplaced(scene: Scene, pod: Pod): string | undefined {
  if (pod.status === 'SchedulingGated')
    return `${pod.name} has a scheduling gate, and waits until that is taken away.`
  const [newest] = toldOf(scene, aboutPod(pod), 'FailedScheduling')
  // What could be gained by ending other pods says nothing of this one.
  const message = (pod.message ?? newest?.message ?? '').replace(
    /\.? (?:no new claims to deallocate|preemption:).*/s,
    '',
  )
  if (message === '') return undefined
  const [, missing] = /persistentvolumeclaim "([^"]+)" not found/.exec(message) ?? []
  if (missing !== undefined)
    return `${pod.name} can’t be placed: the PersistentVolumeClaim ${missing} isn’t there.`
  if (message.includes('unbound immediate PersistentVolumeClaims')) {
    const claim = scene
      .entries('persistentvolumeclaims')
      ?.find(({ name, phase }) => phase === 'Pending' && pod.claims?.includes(name))
    const trouble = claim && claimTrouble(scene, claim)
    return `${pod.name} waits for its volume${trouble === undefined ? '.' : `: ${within(trouble)}`}`
  }
  const words = placements.flatMap(([pattern, say]) => {
    const found = pattern.exec(message)
    return found ? [say(pod, found)] : []
  })
  return `${pod.name} finds no node: ${words.length === 0 ? message : `${words.join('; ')} (${message})`}.`
}

/** Of all its containers that ask for it; a pod is placed as a whole. */
function requested({ containers }: Pod, resource: string, noun: string): string {
  const amounts = containers.flatMap(({ requests }) => requests?.[resource] ?? [])
  if (amounts.length === 0) return `the ${noun} that it asks for`
  const whole = amounts.every((amount) => /^\d+$/.test(amount)) && resource === 'cpu'
  return `${amounts.join(' and ')} ${whole ? 'CPUs' : `of ${noun}`}`
}

function waitsBy(scene: Scene, pod: Pod, container: Container, reason: string): string | undefined {
  const { name, message = '', lastState } = container
  if (/^(?:ErrImage|ImagePull|InvalidImage|ImageInspect)/.test(reason))
    return notPulled(scene, pod, container)
  if (reason === 'CreateContainerConfigError') return `${pod.name} can’t start: ${missingIn(message)}.`
  if (reason !== 'CrashLoopBackOff' && reason.endsWith('Error'))
    return `Container ${name} of ${pod.name} can’t be started: ${message === '' ? reason : startError(message)}.`
  return reason === 'CrashLoopBackOff' || lastState ? crashes(scene, pod, container) : undefined
}

function notPulled(scene: Scene, pod: Pod, { image, reason = '', message = '' }: Container): string {
  if (reason === 'InvalidImageName') return `${image} is no name that an image can have.`
  if (reason === 'ErrImageNeverPull')
    return `The image ${image} isn’t on the node ${pod.node ?? ''}, and imagePullPolicy: Never forbids to pull it.`
  const failed = toldOf(scene, aboutPod(pod), 'Failed').find((event) => event.message.includes(image))
  const said = failed?.message ?? message
  return `The image ${image} can’t be pulled (${reason})${pullCause(said)}`
}

/** Likewise of why an image can't be pulled. */
function pullCause(message: string): string {
  if (/not found|manifest unknown/.test(message)) return ': its registry has no image of this name and tag.'
  if (/denied|unauthorized|authorization|authentication|forbidden/i.test(message))
    return ': its registry has no such image, or wants a password.'
  if (/no such host|dial tcp|i\/o timeout|refused|deadline|EOF/.test(message))
    return ': its registry can’t be reached.'
  return '.'
}

/** A ConfigMap, a Secret, or a key of one; else the kubelet's own words. */
export function missingIn(message: string): string {
  const [, kind, name] = /(configmap|secret) "([^"]+)" not found/i.exec(message) ?? []
  if (name !== undefined) return `the ${kindName(kind)} ${name} isn’t there`
  const [, key, of, where] =
    /couldn't find key (\S+) in (ConfigMap|Secret) (?:[^/\s]+\/)?([\w.-]+)/i.exec(message) ?? []
  if (key !== undefined) return `the ${kindName(of)} ${where} has no key ${key}`
  const [, unmounted] = /references non-existent (?:config|secret) key: (\S+)/.exec(message) ?? []
  return unmounted === undefined ? message : `a ConfigMap or Secret that it mounts has no key ${unmounted}`
}

const kindName = (kind: string | undefined): string =>
  kind?.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap'

function crashes(scene: Scene, pod: Pod, container: Container): string {
  const { name, lastState, restartCount } = container
  const killed = toldOf(scene, aboutPod(pod), 'Killing').some(({ message }) =>
    /failed (?:liveness|startup) probe/.test(message),
  )
  const probe = toldOf(scene, aboutPod(pod), 'Unhealthy').find(({ message }) =>
    /^(?:Liveness|Startup)/.test(message),
  )
  if (killed && probe && lastState?.reason !== 'OOMKilled')
    return `Container ${name} of ${pod.name} is ended and started again: ${probeWords(container, probe.message)}.`
  const times = restartCount === 1 ? 'once' : `${restartCount} times`
  const how = lastState ? endOf(pod, container, lastState) : 'ended.'
  return `Container ${name} of ${pod.name} was started again ${times}; last it ${how}`
}

function ended(pod: Pod, container: Container): string {
  const { terminated, name, role } = container
  const how = terminated ? endOf(pod, container, terminated) : 'ended.'
  return `${role === 'init' ? 'Init container' : 'Container'} ${name} of ${pod.name} ${how}`
}

/** How it ended, and where there is more to read of it. */
function endOf(pod: Pod, container: Container, { reason, exitCode, signal, message }: Termination): string {
  const { name, limits, state } = container
  if (reason === 'OOMKilled')
    return limits?.memory === undefined
      ? 'was ended because its node ran out of memory (OOMKilled).'
      : `took more memory than its limit of ${limits.memory} and was ended (OOMKilled).`
  if (reason === 'StartError' || reason === 'ContainerCannotRun')
    return `couldn’t be started: ${startError(message ?? reason)}.`
  const by = exitCode === undefined ? `signal ${signal ?? ''}` : `exit code ${exitCode}`
  const which = pod.containers.length > 1 ? ` --container=${name}` : ''
  const log = `What it said: kubectl logs ${pod.name}${which}${state === 'terminated' ? '' : ' --previous'}`
  return `ended with ${by}${exitCode === endOfKilled ? `, ${killedWords(limits?.memory)}` : ''}. ${log}`
}

/** The exit code of what SIGKILL has ended: 128 and the number of the signal. */
const endOfKilled = 137

/** The container runtime doesn't always notice that it was the kernel, for want of memory. @param limit for memory, where there is one */
const killedWords = (limit: string | undefined): string =>
  `killed from outside: it took more memory than ${limit === undefined ? 'its node has' : `its limit of ${limit}`}, or didn’t end when it was asked to`

/** Of the container runtime's long message the part that tells. */
const startError = (message: string): string =>
  message
    .replace(/^.*(?:unable to start container process|OCI runtime create failed): /s, '')
    .replace(/(?:: unknown|\.)$/, '')

const plainly = (action: string): string => action.replace(/ https?:\/\/:/, ' :')

/** What a probe asks and hears, of the kubelet's message. */
function probeWords({ probes = {} }: Container, message: string): string {
  const [, kind = '', result = ''] = /^(\w+) probe (?:failed|errored)[^:]*: ?(.*)/s.exec(message) ?? []
  const type = kind.toLowerCase()
  const action = probes[type]
  const which = `its ${type} probe${action === undefined ? '' : `, ${plainly(action)},`}`
  const [, code] = /statuscode: (\d+)/.exec(result) ?? []
  if (code !== undefined) return `${which} answers ${code}`
  if (result.includes('connection refused')) return `${which} is refused: nothing listens there`
  if (/deadline exceeded|timeout/i.test(result)) return `${which} gets no answer in time`
  return `${which} fails${result.trim() === '' ? '' : `: ${result.trim()}`}`
}

/** Of one that was started anew, how it ended is said too: it may be about to end so again. */
function notReady(scene: Scene, pod: Pod, container: Container): string | undefined {
  const now = notReadyNow(scene, pod, container)
  return container.lastState ? [now, crashes(scene, pod, container)].join(' ').trim() : now
}

function notReadyNow(scene: Scene, pod: Pod, container: Container): string | undefined {
  const [newest] = toldOf(scene, aboutPod(pod), 'Unhealthy')
  if (newest) return `${pod.name} runs and isn’t ready: ${probeWords(container, newest.message)}.`
  const { readiness, startup } = container.probes ?? {}
  const probe = startup ?? readiness
  return probe && `${pod.name} runs; its probe ${plainly(probe)} hasn’t succeeded yet.`
}

/** What its node can't bring together for it. */
function notMade(scene: Scene, pod: Pod): string | undefined {
  const [newest] = toldOf(scene, aboutPod(pod), 'FailedMount', 'FailedAttachVolume', 'FailedCreatePodSandBox')
  return newest && `${pod.name} can’t start: ${missingIn(newest.message)}.`
}
