/** What is remembered of an autoscaler, as plots take it. */
import type { ScalingMetric } from '../../../../../server/features/cluster/wire.ts'
import { spanMs } from '../../../lib/trail.ts'
import type { Sample, Unit } from '../../../parts/plot.ts'
import type { AutoscalerFigures } from '../figures.ts'
import { kindOf } from '../quantity.ts'
import type { Span } from '../spans.ts'
import { metricNumber } from './autoscaler.ts'

/** A span’s value at its start; where it ended and nothing follows at once, nothing is known. @param now in milliseconds since 1970 */
export function samplesOf<Value>(
  spans: readonly Span<Value>[],
  read: (value: Value) => Sample['values'],
  now: number,
): Sample[] {
  const samples = spans.flatMap(({ value, start, end }, index): Sample[] => {
    const first = { time: Math.max(start, now - spanMs), values: read(value) }
    const isLast = index === spans.length - 1
    if (end === undefined) return now > first.time ? [first, { ...first, time: now }] : [first]
    const isGap = isLast || (spans[index + 1]?.start ?? end) > end
    return isGap ? [first, { time: Math.max(end, first.time), values: {} }] : [first]
  })
  return samples.filter(({ time }, index) => (samples[index + 1]?.time ?? Infinity) > time)
}

/** How many it wants; undefined while it can’t tell, which its status has as 0. */
export const wantedReplicas = ({
  current,
  desired,
}: Pick<AutoscalerFigures, 'current' | 'desired'>): number | undefined =>
  desired === 0 && current > 0 ? undefined : desired

export const replicaValues = (figures: AutoscalerFigures): Sample['values'] => ({
  replicas: figures.current,
  wanted: wantedReplicas(figures) ?? null,
})

/** What a plot of the metric counts. */
export function unitOf({ unit, type, name }: ScalingMetric): Unit {
  if (unit === '%') return 'percent'
  const isOfPods = type === 'Resource' || type === 'ContainerResource'
  return isOfPods && kindOf(name) === 'bytes' ? 'bytes' : 'thousandths'
}

const isSame = (one: ScalingMetric, other: ScalingMetric): boolean =>
  one.name === other.name &&
  one.type === other.type &&
  one.container === other.container &&
  one.object === other.object &&
  one.selector === other.selector

/** The metric’s number in its plot’s unit; null where it isn’t known. @param text as measured or wanted */
export function plotted(metric: ScalingMetric, text: string | undefined): number | null {
  const number = text === undefined ? undefined : metricNumber(metric, text)
  if (number === undefined) return null
  return unitOf(metric) === 'thousandths' ? number * 1000 : number
}

export const metricValues =
  (metric: ScalingMetric) =>
  ({ metrics }: AutoscalerFigures): Sample['values'] => ({
    measured: plotted(metric, metrics.find((one) => isSame(one, metric))?.current),
  })
