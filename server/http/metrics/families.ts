/** What a registry holds, as the forms are written from it that prom-client doesn't know, or not exactly. */
import type { Registry } from 'prom-client'
import type { Sample } from './histogram.ts'

/** One line of a family; in a histogram, of a series of it. */
export type FamilySample = Omit<Sample, 'metricName'> & {
  /** The family's, where it is missing. */
  readonly metricName?: string
}

/** All that goes by one name. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly values: readonly FamilySample[]
}

/** Collects everything that is registered. */
export function familiesOf(registry: Registry): Promise<Family[]> {
  // Its types have a number for what is a word, and know nothing of what our own histograms add.
  return registry.getMetricsAsJSON() as unknown as Promise<Family[]>
}

/** The unit that a name says, by the conventions of OpenMetrics; a counter's is without its `_total`. */
export const unitOf = (name: string): string => /_(seconds|bytes)$/.exec(name)?.[1] ?? ''
