/** What is to be said of an owner beside its counts. */
import type { Deployment, Job } from '../../../../../server/features/cluster/wire.ts'
import { formatTime } from '../../../lib/format.ts'
import { controllerOf } from '../controller.ts'
import { rolloutStatus } from '../rollout/words.ts'
import { jobState, patternWords } from './job-words.ts'
import type { Owner } from './tree.ts'
import { dueTimeOf } from './schedule.ts'

export interface Words {
  readonly words: string
  /** Machine: in its type. Said: what it is at. Bad: what goes wrong. */
  readonly kind?: 'machine' | 'said' | 'bad'
}

/**
 * The state first, then what it is made of, unless those below it or that above it say so.
 * @param hasBelow whether it has something between itself and its pods
 */
export function aboutOf(owner: Owner, hasBelow: boolean): Words[] {
  const { object } = owner
  const going: Words[] =
    object.deletionTimestamp === undefined ? [] : [{ words: 'being deleted', kind: 'said' }]
  const isSaid =
    owner.kind === 'Deployment' ? hasBelow : owner.kind === 'Job' && controllerOf(object) !== undefined
  const images: Words = { words: object.images.join(', '), kind: 'machine' }
  return [...going, ...ofKind(owner), ...(isSaid || images.words === '' ? [] : [images])]
}

function ofKind(owner: Owner): Words[] {
  switch (owner.kind) {
    case 'Deployment':
      return ofDeployment(owner.object)
    case 'ReplicaSet': {
      const { revision, changeCause } = owner.object
      return [
        ...(revision === undefined ? [] : [{ words: `revision ${String(revision)}` }]),
        ...(changeCause === undefined ? [] : [{ words: changeCause }]),
      ]
    }
    case 'StatefulSet':
    case 'DaemonSet':
      return []
    case 'CronJob':
      return owner.object.suspend ? [{ words: 'suspended', kind: 'said' }] : []
    case 'Job':
      return ofJob(owner.object)
  }
}

function ofDeployment(deployment: Deployment): Words[] {
  const { word, sentence } = rolloutStatus(deployment)
  return [
    { words: word, kind: word === 'failed' ? 'bad' : 'said' },
    ...(word === 'complete' ? [] : [{ words: sentence }]),
  ]
}

function ofJob(job: Job): Words[] {
  const { word, isBad, why } = jobState(job)
  const cronJob = controllerOf(job)
  const due = cronJob && dueTimeOf(job.name, cronJob.name)
  return [
    { words: word, kind: isBad ? 'bad' : 'said' },
    ...(why === undefined ? [] : [{ words: why }]),
    ...(due === undefined ? [] : [{ words: `due ${formatTime(due)}` }]),
    ...(cronJob ? [] : [{ words: patternWords(job) }]),
  ]
}
