/** Why there is nothing of the name or with the labels that are meant. */
import type { See } from '../../../../conditions/condition.ts'
import { labelTerms, type Labels, type LabelTerm } from '../../../../conditions/labels.ts'
import type { Named } from '../../../../conditions/seen.ts'
import { changesBetween } from '../../../../text/nearest.ts'
import { entriesOf, type Kind, type Scene } from '../scene.ts'
import { nounOf } from '../words.ts'
import { creationTrouble, makers, type Maker } from './workloads.ts'

/** What is alike by name or by labels, or doesn't come to be; undefined where nothing is known. */
export function absenceOf(see: See, kind: Kind, scene: Scene): string | undefined {
  const there = entriesOf(scene, kind) ?? []
  if (see.named !== undefined) {
    const same = there.find(({ name }) => name === see.named)
    if (same) return labelledElse(see, same)
    const alike = there.find(({ name }) => isAlike(name, see.named ?? ''))
    return alike && `There is a ${nounOf(kind)} ${alike.name}, and none ${see.named}.`
  }
  if (see.labels === undefined) return undefined
  const terms = labelTerms(see.labels)
  return unmade(scene, kind, terms) ?? mistyped(kind, see.labels, otherLabels(terms, there))
}

/** The one of that name has other labels. */
function labelledElse({ named = '', labels }: See, same: Named): string | undefined {
  const other = labels === undefined ? undefined : otherLabels(labelTerms(labels), [same])
  return other && `${named} has ${other.text}, and not ${labels ?? ''}.`
}

const mistyped = (kind: Kind, wanted: string, other: OtherLabels | undefined): string | undefined =>
  other?.isMistyped === true
    ? `The ${nounOf(kind, 2)} that there are have ${other.text}, none has ${wanted}.`
    : undefined

/** Pods that somebody is to make and doesn't. */
function unmade(scene: Scene, kind: Kind, terms: readonly LabelTerm[]): string | undefined {
  if (kind !== 'pods') return undefined
  for (const maker of Object.keys(makers) as Maker[])
    for (const workload of scene.entries(maker) ?? []) {
      const labels = labelsIn(workload.selector)
      if (!terms.every((term) => term.fits(labels))) continue
      if (maker !== 'replicasets' && 'desired' in workload && workload.desired === 0)
        return `The ${makers[maker]} ${workload.name} is to have no pods: its replicas are 0.`
      const trouble = creationTrouble(scene, maker, workload)
      if (trouble !== undefined) return trouble
    }
  return undefined
}

/** The labels that pods of a selector surely have. */
const labelsIn = (selector = ''): Labels =>
  Object.fromEntries(
    labelTerms(selector).flatMap(({ key, value }) => (value === undefined ? [] : [[key, value] as const])),
  )

/** What objects have instead of labels that are wanted. */
export interface OtherLabels {
  /** Such as `app=alpaca`. */
  readonly text: string
  /** One of them is nearly what is wanted. */
  readonly isMistyped: boolean
}

/** Of the first label that none has as it is wanted; undefined where there is none, or nobody has one of its key. */
export function otherLabels(terms: readonly LabelTerm[], there: readonly Named[]): OtherLabels | undefined {
  for (const term of terms) {
    const { key, value = '' } = term
    if (there.some(({ labels = {} }) => term.fits(labels))) continue
    const values = [...new Set(there.flatMap(({ labels }) => labels?.[key] ?? []))]
    if (values.length === 0) continue
    const alike = values.find((one) => isAlike(one, value))
    const shown = alike === undefined ? values.slice(0, 3) : [alike]
    return { text: shown.map((one) => `${key}=${one}`).join(' or '), isMistyped: alike !== undefined }
  }
  return undefined
}

/** Whether one may be the other mistyped; those that are numbered, or lettered, are two. */
const isAlike = (one: string, other: string): boolean =>
  stemOf(one) !== stemOf(other) &&
  changesBetween(one, other) <= Math.max(1, Math.floor(Math.min(one.length, other.length) / 4))

const stemOf = (name: string): string => name.replace(/-[a-z]$/, '').replaceAll(/\d+/g, '')
