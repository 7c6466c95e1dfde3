/** What a pod is at, as a shape that is told apart across a room and as the word that goes with it. */
import type { Pod } from '../../../../server/features/cluster/wire.ts'

/** In the order of a pod's life. */
export const podShapes = [
  'waiting',
  'starting',
  'running',
  'ready',
  'terminating',
  'succeeded',
  'failed',
] as const
export type PodShape = (typeof podShapes)[number]

/** What each shape stands for, in a few words. */
export const shapeMeanings: Readonly<Record<PodShape, string>> = {
  waiting: 'pending',
  starting: 'starting',
  running: 'running, not ready',
  ready: 'ready',
  terminating: 'terminating',
  succeeded: 'succeeded',
  failed: 'failing',
}

export interface PodState {
  readonly shape: PodShape
  /** As kubectl has it, such as `ContainerCreating`; `Ready` for what runs and is ready. */
  readonly word: string
}

/** What kubectl's words for a pod come to; whatever else it says is a failure: CrashLoopBackOff, ErrImagePull, Evicted, OOMKilled. */
const shapesByWord: ReadonlyMap<string, PodShape> = new Map([
  ['Pending', 'waiting'],
  ['SchedulingGated', 'waiting'],
  ['ContainerCreating', 'starting'],
  ['PodInitializing', 'starting'],
  ['Running', 'running'],
  ['NotReady', 'running'],
  ['Terminating', 'terminating'],
  ['Completed', 'succeeded'],
  ['Succeeded', 'succeeded'],
])

/** @param pod its `status` is the word in kubectl's column STATUS */
export function podState({ status, ready }: Pick<Pod, 'status' | 'ready'>): PodState {
  if (status === 'Running' && ready) return { shape: 'ready', word: 'Ready' }
  const shape = shapesByWord.get(status) ?? (/^Init:\d+\/\d+$/.test(status) ? 'starting' : 'failed')
  return { shape, word: status }
}

export interface PodTally {
  readonly ready: number
  /** Those that may be ready: all but those that have ended. */
  readonly expected: number
  readonly ended: number
}

export function tallyOf(pods: readonly Pod[]): PodTally {
  let [ready, ended] = [0, 0]
  for (const pod of pods) {
    if (hasEnded(pod)) ended += 1
    else if (podState(pod).shape === 'ready') ready += 1
  }
  return { ready, expected: pods.length - ended, ended }
}

/** It has run to its end, and no container of it is started again. */
export const hasEnded = ({ phase }: Pick<Pod, 'phase'>): boolean =>
  phase === 'Succeeded' || phase === 'Failed'

/** How often its containers were started again, as kubectl counts. */
export const restartsOf = ({ containers }: Pick<Pod, 'containers'>): number =>
  containers.reduce((sum, { restartCount }) => sum + restartCount, 0)
