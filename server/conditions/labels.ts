/** Selectors of labels as kubectl takes them: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors */

export type Labels = Readonly<Record<string, string>>

/** One requirement of a selector. */
export interface LabelTerm {
  readonly key: string
  /** The value of `key=value`; undefined for all others. */
  readonly value: string | undefined
  /** As it was written. */
  readonly text: string
  fits(labels: Labels): boolean
}

/** What parts requirements: a comma that stands within no brackets. */
const comma = /,(?![^(]*\))/

const listed = /^(\S+)\s+(in|notin)\s*\((.*)\)$/
const compared = /^([^\s=!]+)\s*(==|=|!=)\s*(.*)$/

/** @throws Error for what is no requirement */
export const labelTerms = (selector: string): LabelTerm[] =>
  selector
    .split(comma)
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(termOf)

/** Whether labels fit a selector; the empty one fits all. @throws Error for what is no selector */
export const fitsLabels = (selector: string, labels: Labels = {}): boolean =>
  labelTerms(selector).every((term) => term.fits(labels))

function termOf(text: string): LabelTerm {
  const [, listedKey, operator, list = ''] = listed.exec(text) ?? []
  if (listedKey !== undefined) {
    const values = list.split(',').map((value) => value.trim())
    const isAmong = (labels: Labels) => values.includes(labels[listedKey] ?? '\0')
    const fits = operator === 'in' ? isAmong : (labels: Labels) => !isAmong(labels)
    return { key: listedKey, value: undefined, text, fits }
  }
  const [, key, comparison, value = ''] = compared.exec(text) ?? []
  if (key !== undefined) {
    if (comparison === '!=') return { key, value: undefined, text, fits: (labels) => labels[key] !== value }
    return { key, value, text, fits: (labels) => labels[key] === value }
  }
  const [, not, alone] = /^(!?)\s*([\w./-]+)$/.exec(text) ?? []
  if (alone === undefined) throw new Error(`${text} is no requirement of labels`)
  return { key: alone, value: undefined, text, fits: (labels) => alone in labels === (not === '') }
}
