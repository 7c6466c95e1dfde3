/** Which pods are lit. */
import type { Pod } from '../../../../../server/features/cluster/wire.ts'
import { selects, trySelector } from '../../../../../server/text/selector.ts'

/** @param selector as it was typed; all are lit by an empty one, and by what is none */
export function litBy(selector: string): (pod: Pick<Pod, 'labels'>) => boolean {
  const read = trySelector(selector)
  return 'fault' in read ? () => true : ({ labels }) => selects(read.selector, labels)
}
