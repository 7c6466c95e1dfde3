/** Fields of an object by their path, and whether they are as wanted. */
import type { Wanted } from './condition.ts'

/**
 * What lies at a path: of a list the items by their name, their type or their place, or all of them by `*`; a list at its end counts as its items.
 * A key may have dots, as in `used.requests.cpu`.
 * @returns nothing where there is no such field
 */
export const valuesAt = (object: unknown, path: string): unknown[] => follow(object, path.split('.'))

function follow(value: unknown, steps: readonly string[]): unknown[] {
  if (steps.length === 0) return Array.isArray(value) ? value.flatMap((item) => follow(item, [])) : [value]
  if (typeof value !== 'object' || value === null) return []
  for (let length = 1; length <= steps.length; length += 1) {
    const key = steps.slice(0, length).join('.')
    const found = partsOf(value, key).flatMap((part) => follow(part, steps.slice(length)))
    if (found.length > 0) return found
  }
  return []
}

function partsOf(value: object, key: string): unknown[] {
  const parts = Object.entries(value)
  const isMeant = ([place, part]: [string, unknown]): boolean =>
    place === key || (Array.isArray(value) && isCalled(part, key))
  return (key === '*' ? parts : parts.filter(isMeant)).map(([, part]: [string, unknown]) => part)
}

const isCalled = (item: unknown, name: string): boolean =>
  typeof item === 'object' &&
  item !== null &&
  (('name' in item && item.name === name) || ('type' in item && item.type === name))

const comparisons = {
  '>=': (one: number, other: number) => one >= other,
  '<=': (one: number, other: number) => one <= other,
  '>': (one: number, other: number) => one > other,
  '<': (one: number, other: number) => one < other,
}

/** How a number is to be. */
export interface Comparison {
  readonly operator: keyof typeof comparisons
  readonly than: number
}

/** @returns undefined for a text that compares nothing, which `~ PATTERN` doesn't either */
export function comparisonIn(text: string): Comparison | undefined {
  const [, operator, than] = /^(>=|<=|>|<) ?(-?\d+(?:\.\d+)?)$/.exec(text) ?? []
  // The pattern has no others.
  return operator === undefined
    ? undefined
    : { operator: operator as Comparison['operator'], than: Number(than) }
}

export const compares = (value: number, { operator, than }: Comparison): boolean =>
  comparisons[operator](value, than)

/** The pattern of `~ PATTERN`; undefined for another text. @throws SyntaxError for one that is none */
export const patternIn = (text: string): RegExp | undefined =>
  text.startsWith('~') ? new RegExp(text.slice(1).trimStart()) : undefined

/** @throws SyntaxError for a pattern that is none */
export function fits(value: unknown, wanted: Wanted): boolean {
  if (value === undefined || value === null) return false
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (typeof wanted !== 'string') return text === String(wanted)
  const comparison = comparisonIn(wanted)
  if (comparison) return text !== '' && compares(Number(text), comparison)
  return patternIn(wanted)?.test(text) ?? text === wanted
}

/** Whether a field is as wanted: it is there and, where a path leads to several, each of them is. */
export function isSo(object: unknown, path: string, wanted: Wanted): boolean {
  const values = valuesAt(object, path)
  return values.length > 0 && values.every((value) => fits(value, wanted))
}
