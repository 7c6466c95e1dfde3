/** What an autoscaler does and why, in words: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ */
import type {
  Event,
  HorizontalPodAutoscaler,
  Pod,
  ScalingMetric,
} from '../../../../../server/features/cluster/wire.ts'
import { countOf, formatNumber, formatSeconds } from '../../../lib/format.ts'
import { controllerOf } from '../controller.ts'
import type { Mend } from '../mend.ts'
import { formatQuantity, quantityOf } from '../quantity.ts'
import type { SignState } from '../../../parts/state-sign.ts'
import { causeOf, messageFor, type Cause, type Target } from './unknown.ts'

export interface Verdict extends Cause {
  readonly state: SignState
  /** A word or two, such as "growing". */
  readonly word: string
}

/** One metric of an autoscaler. */
export interface Reading {
  /** Such as `cpu`, `cpu of container main`, `hits of Ingress/web` or `messages {queue=a}`. */
  readonly name: string
  readonly metric: ScalingMetric
  /** Such as `80 %`; undefined while it isn’t known. */
  readonly measured: string | undefined
  readonly wanted: string
  /** How many replicas it asks for, and how that is reckoned. */
  readonly asks: { readonly replicas: number; readonly formula: string } | undefined
  /** So near to what is wanted that nothing is changed. */
  readonly isWithin: boolean
  /** Why it isn’t known. */
  readonly unknown: Cause | undefined
}

/** The share of a target within which nothing is changed, by default: `--horizontal-pod-autoscaler-tolerance`. */
const tolerance = 0.1

/** How long the highest count counts before it shrinks, by default, in seconds: `--horizontal-pod-autoscaler-downscale-stabilization`. */
const usualWindow = 300

/**
 * The pods of each target, by `KIND/NAME`: a Deployment has those of its ReplicaSets, which are named by the hash that the pods are
 * labelled with.
 */
export function podsByTarget(pods: readonly Pod[]): ReadonlyMap<string, readonly Pod[]> {
  const found = new Map<string, Pod[]>()
  const add = (target: string, pod: Pod) => {
    const owned = found.get(target)
    if (owned) owned.push(pod)
    else found.set(target, [pod])
  }
  for (const pod of pods) {
    const owner = controllerOf(pod)
    if (!owner) continue
    add(`${owner.kind}/${owner.name}`, pod)
    const suffix = `-${pod.labels?.['pod-template-hash'] ?? ''}`
    if (owner.kind === 'ReplicaSet' && suffix !== '-' && owner.name.endsWith(suffix))
      add(`Deployment/${owner.name.slice(0, -suffix.length)}`, pod)
  }
  return found
}

/** A value of a metric: a share in %, cores, bytes, or of the metric’s own unit. */
export const metricNumber = ({ unit }: ScalingMetric, text: string): number | undefined =>
  unit === '%' ? Number(text) : quantityOf(text)

const isOfPods = ({ type }: ScalingMetric): boolean => type === 'Resource' || type === 'ContainerResource'

function metricText(metric: ScalingMetric, text: string): string {
  const number = metricNumber(metric, text)
  if (number === undefined) return text
  if (metric.unit === '%') return `${formatNumber(number)} %`
  return isOfPods(metric)
    ? formatQuantity(number, metric.name)
    : formatNumber(number, Number.isInteger(number) ? 0 : 3)
}

function metricName({ name, container, object, selector }: ScalingMetric): string {
  const of = container === undefined ? object : `container ${container}`
  return `${name}${selector === undefined ? '' : ` {${selector}}`}${of === undefined ? '' : ` of ${of}`}`
}

/**
 * What each metric says.
 * @param pods of its target
 * @param events of this autoscaler, newest first
 */
export function readingsOf(
  hpa: HorizontalPodAutoscaler,
  pods: readonly Pod[],
  events: readonly Event[],
): Reading[] {
  const target = { ...hpa.scaleTarget, pods }
  const messages = [
    ...(hpa.conditions ?? []).flatMap(({ type, status, message }) =>
      type === 'ScalingActive' && status === 'False' ? (message ?? []) : [],
    ),
    ...events.filter(({ reason }) => /^Failed\w+Metric/.test(reason)).map(({ message }) => message),
  ]
  return hpa.metrics.map((metric) => {
    const { current } = metric
    const asks = current === undefined ? undefined : askedBy(metric, current, hpa.current)
    return {
      name: metricName(metric),
      metric,
      measured: current === undefined ? undefined : metricText(metric, current),
      wanted: metricText(metric, metric.target),
      asks,
      isWithin: asks?.isWithin ?? false,
      unknown: current === undefined ? unknownOf(hpa, metric, messages, target) : undefined,
    }
  })
}

function askedBy(metric: ScalingMetric, current: string, replicas: number) {
  const [measured, wanted] = [metricNumber(metric, current), metricNumber(metric, metric.target)]
  if (measured === undefined || !wanted) return undefined
  const share = measured / wanted
  const isWithin = Math.abs(1 - share) <= tolerance
  // The product first: 3 × 0.1 / 0.1 isn't to be rounded up for want of binary digits.
  const asked = isWithin ? replicas : Math.ceil(Number(((replicas * measured) / wanted).toPrecision(12)))
  const reckoned = `${formatNumber(replicas)} × ${metricText(metric, current)} / ${metricText(metric, metric.target)}`
  const formula = isWithin
    ? `within 10 % of what is wanted: ${formatNumber(replicas)}, as it is`
    : `ceil(${reckoned}) = ${formatNumber(asked)}`
  return { replicas: asked, formula, isWithin }
}

function unknownOf(
  { conditions = [] }: HorizontalPodAutoscaler,
  metric: ScalingMetric,
  messages: readonly string[],
  target: Target,
): Cause {
  const able = conditions.find(({ type }) => type === 'AbleToScale')
  if (able?.status === 'False') return { words: 'Not asked for, as it can’t scale anything.', mends: [] }
  const message = messageFor(metric, messages)
  if (message !== undefined) return causeOf(message, target)
  return { words: 'Not measured yet: the controller looks every 15 seconds.', mends: [] }
}

/**
 * What the autoscaler is at, by its conditions.
 * @param readings of it
 * @param pods of its target
 */
export function verdictOf(
  hpa: HorizontalPodAutoscaler,
  readings: readonly Reading[],
  pods: readonly Pod[],
): Verdict {
  const conditions = hpa.conditions ?? []
  const [able, active, limited] = ['AbleToScale', 'ScalingActive', 'ScalingLimited'].map((wanted) =>
    conditions.find(({ type }) => type === wanted),
  )
  if (conditions.length === 0)
    return { state: 'idle', word: 'new', words: 'The controller has not looked at it yet.', mends: [] }
  if (able?.status === 'False') return unableVerdict(hpa, able.reason, able.message)
  if (active?.status === 'False') return inactiveVerdict(hpa, active, { ...hpa.scaleTarget, pods })
  const asked = Math.max(0, ...readings.map(({ asks }) => asks?.replicas ?? 0))
  return (
    (limited?.status === 'True' ? limitedVerdict(hpa, limited.reason, asked) : undefined) ??
    stabilizedVerdict(hpa, able?.reason, asked) ??
    movingVerdict(hpa, readings)
  )
}

const replicas = (count: number): string => countOf(count, 'replica')

function unableVerdict(hpa: HorizontalPodAutoscaler, reason = '', message = ''): Verdict {
  const { kind, name } = hpa.scaleTarget
  if (reason === 'FailedGetScale' && message.includes('not found'))
    return {
      state: 'bad',
      word: 'no target',
      words: `There is no ${kind} ${name} in this namespace.`,
      mends: [{ words: 'shows what there is', command: `get ${kind.toLowerCase()}s` }],
    }
  return { state: 'bad', word: 'can’t scale', words: `The controller says: ${message}`, mends: [] }
}

function inactiveVerdict(
  hpa: HorizontalPodAutoscaler,
  { reason = '', message = '' }: { readonly reason?: string; readonly message?: string },
  target: Target,
): Verdict {
  const { kind, name } = target
  if (reason === 'ScalingDisabled')
    return {
      state: 'idle',
      word: 'switched off',
      words: `${kind} ${name} is scaled to 0 by hand, and an autoscaler leaves that alone.`,
      mends: [{ words: 'switches it on', command: `scale ${kind.toLowerCase()} ${name} --replicas=1` }],
    }
  if (reason === 'AmbiguousSelector') return ambiguousVerdict(hpa, message)
  return { state: 'bad', word: 'can’t measure', ...causeOf(message, target) }
}

/** @param message such as `pods by selector app=kuard are controlled by multiple HPAs: [default/one default/two]` */
function ambiguousVerdict(hpa: HorizontalPodAutoscaler, message: string): Verdict {
  const listed = /\[(.*)\]/.exec(message)?.[1]?.split(/[\s,]+/) ?? []
  const others = listed.map((one) => one.replace(/^.*\//, '')).filter((name) => name !== hpa.name)
  const mends: Mend[] = others.map((other) => ({
    words: 'leaves this one alone',
    command: `delete hpa ${other}`,
  }))
  const words = `The same pods are scaled by ${others.length === 0 ? 'another autoscaler' : others.join(' and ')}, so neither does anything.`
  return { state: 'bad', word: 'too many autoscalers', words, mends }
}

/** @param asked how many the metrics ask for */
function limitedVerdict(hpa: HorizontalPodAutoscaler, reason = '', asked: number): Verdict | undefined {
  const { name, minReplicas, maxReplicas, desired } = hpa
  if (reason === 'TooManyReplicas')
    return {
      state: 'caution',
      word: 'at its maximum',
      words: `The metrics ask for ${replicas(asked)}; more than ${formatNumber(maxReplicas)} it may not make.`,
      mends: [
        {
          words: 'allows more',
          command: `patch hpa ${name} --patch='{"spec":{"maxReplicas":${String(Math.max(asked, maxReplicas + 1))}}}'`,
        },
      ],
    }
  if (reason === 'TooFewReplicas')
    return {
      state: 'good',
      word: 'at its minimum',
      words: `The metrics ask for ${asked === 0 ? 'none' : replicas(asked)}; fewer than ${formatNumber(minReplicas)} it may not leave.`,
      mends: [],
    }
  const pace = { ScaleUpLimit: 'grows', ScaleDownLimit: 'shrinks' }[reason]
  return pace === undefined
    ? undefined
    : {
        state: 'good',
        word: pace === 'grows' ? 'growing' : 'shrinking',
        words: `It ${pace} as fast as its policies allow: ${formatNumber(desired)} next, on its way to ${replicas(asked)}.`,
        mends: [],
      }
}

/** It has been asked for more, or for fewer, not long ago, and that counts for a while. */
function stabilizedVerdict(
  { desired, minReplicas, scaleDownStabilizationSeconds: set }: HorizontalPodAutoscaler,
  reason = '',
  asked: number,
): Verdict | undefined {
  if (reason === 'ScaleUpStabilized')
    return {
      state: 'idle',
      word: 'waiting to grow',
      words: `The metrics ask for ${replicas(asked)}; it waits until they have done so for its whole stabilization window.`,
      mends: [],
    }
  if (reason !== 'ScaleDownStabilized') return undefined
  const window = formatSeconds(set ?? usualWindow)
  return {
    state: 'idle',
    word: 'waiting to shrink',
    words: `The metrics ask for ${replicas(Math.max(asked, minReplicas))} now; ${formatNumber(desired)} were asked for within the last ${window}${set === undefined ? ' (the default)' : ''}, and the highest count of this stabilization window counts.`,
    mends: [],
  }
}

function movingVerdict({ current, desired }: HorizontalPodAutoscaler, readings: readonly Reading[]): Verdict {
  const change = `From ${formatNumber(current)} to ${replicas(desired)}.`
  if (desired > current) return { state: 'good', word: 'growing', words: change, mends: [] }
  if (desired < current) return { state: 'good', word: 'shrinking', words: change, mends: [] }
  const isWithin = readings.some(({ isWithin }) => isWithin)
  const words = isWithin
    ? 'What is measured is within 10 % of what is wanted, so nothing is changed.'
    : 'The metrics ask for as many as there are.'
  return { state: 'good', word: 'steady', words, mends: [] }
}
