/** What is shown live beside a step that is presented. */
import type { LabSight, LabStep } from '../../../../server/features/labs/wire.ts'

/** A tab, and of that a view, by their words; and what to see there, if that is said. */
export interface Pictured extends Pick<LabSight, 'tab' | 'view'> {
  readonly see: string | null
}

/** The pods, where a step names nothing else of the cluster. */
const otherwise: Pictured = { tab: 'Cluster', view: 'Pods', see: null }

/**
 * Of the Cluster tab the view that the step names first; and Traffic where it names that of this page.
 * @param ownPage of the pod that the lab is about, where there is one: all but the cluster is in that
 */
export function picturesOf({ page }: Pick<LabStep, 'page'>, ownPage: string | undefined): Pictured[] {
  const cluster = page.find(({ tab }) => tab === otherwise.tab) ?? otherwise
  const traffic = ownPage === undefined && page.find(({ tab }) => tab === 'Traffic')
  return [cluster, ...(traffic ? [traffic] : [])]
}
