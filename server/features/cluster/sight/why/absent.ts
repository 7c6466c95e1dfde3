/** Why there is nothing of the name or with the labels that are meant. */
import type { See } from '../../../../conditions/condition.ts'
import type { Named } from '../../../../conditions/seen.ts'
import { changesBetween } from '../../../../text/nearest.ts'
import { parseSelector, selects, type Labels, type Selector } from '../../../../text/selector.ts'
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
  const selector = parseSelector(see.labels)
  return unmade(scene, kind, selector) ?? mistyped(kind, see.labels, otherLabels(selector, there))
}

/** The one of that name has other labels. */
function labelledElse({ named = '', labels }: See, same: Named): string | undefined {
  const other = labels === undefined ? undefined : otherLabels(parseSelector(labels), [same])
  return other && `${named} has ${other.text}, and not ${labels ?? ''}.`
}

const mistyped = (kind: Kind, wanted: string, other: OtherLabels | undefined): string | undefined =>
  other?.isMistyped === true
    ? `The ${nounOf(kind, 2)} that there are have ${other.text}, none has ${wanted}.`
    : undefined

/** Pods that somebody is to make and doesn't. */
function unmade(scene: Scene, kind: Kind, selector: Selector): string | undefined {
  if (kind !== 'pods') return undefined
  for (const maker of Object.keys(makers) as Maker[])
    for (const workload of scene.entries(maker) ?? []) {
      if (!selects(selector, labelsIn(workload.selector))) continue
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
    parseSelector(selector).flatMap(({ key, operator, values: [value, ...others] }) =>
      operator === 'in' && value !== undefined && others.length === 0 ? [[key, value] as const] : [],
    ),
  )

/** What objects have instead of labels that are wanted. */
export interface OtherLabels {
  /** Such as `app=alpaca`. */
  readonly text: string
  /** One of them is nearly what is wanted. */
  readonly isMistyped: boolean
}

/** Of the first label that none has as it is wanted; undefined where there is none, or nobody has one of its key. */
export function otherLabels(selector: Selector, there: readonly Named[]): OtherLabels | undefined {
  for (const requirement of selector) {
    const {
      key,
      values: [value = ''],
    } = requirement
    if (there.some(({ labels }) => selects([requirement], labels))) continue
    const found = [...new Set(there.flatMap(({ labels }) => labels?.[key] ?? []))]
    if (found.length === 0) continue
    const alike = found.find((one) => isAlike(one, value))
    const shown = alike === undefined ? found.slice(0, 3) : [alike]
    return { text: shown.map((one) => `${key}=${one}`).join(' or '), isMistyped: alike !== undefined }
  }
  return undefined
}

/** Whether one may be the other mistyped; those that are numbered, or lettered, are two. */
const isAlike = (one: string, other: string): boolean =>
  stemOf(one) !== stemOf(other) &&
  changesBetween(one, other) <= Math.max(1, Math.floor(Math.min(one.length, other.length) / 4))

const stemOf = (name: string): string => name.replace(/-[a-z]$/, '').replaceAll(/\d+/g, '')
