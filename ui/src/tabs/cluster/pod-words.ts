/** A pod in a line. */
import type { Pod } from '../../../../server/features/cluster/wire.ts'
import { podState } from './pod-state.ts'
import { versionOfPod } from './version.ts'

/** Such as `alpaca-prod: Ready, blue, this pod`. @param isThis whether it is the pod that answers */
export const podWords = (pod: Pod, isThis: boolean): string =>
  `${pod.name}: ${podState(pod).word}, ${versionOfPod(pod).word}${isThis ? ', this pod' : ''}`
