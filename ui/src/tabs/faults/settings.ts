/** What of a fault’s form is sent, what is wrong with it, and the flags that say the same. */
import { formatNumber } from '../../lib/format.ts'
import { wholeNumber } from '../../lib/whole-number.ts'
import type { Amount, FaultForm, Field, Settings } from './forms.ts'

/** What is sent of a fault, by the names of its order’s fields. */
export type Order = Readonly<Record<string, string | number | boolean>>

/** How long a fault can be chosen to last, in seconds; 0 is until it is taken back. */
const endings: Readonly<Record<string, number>> = {
  '30\u00a0s': 30,
  '2\u00a0min': 120,
  '10\u00a0min': 600,
  'until taken back': 0,
}

export const endingWords = Object.keys(endings)

/** What a form begins with. */
export const initialSettings = ({ fields }: FaultForm): Record<string, string | boolean> =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, initialOf(field)]))

function initialOf(field: Field): string | boolean {
  switch (field.type) {
    case 'amount':
      return field.initial
    case 'words':
      return field.usual
    case 'choice':
      return field.choices[0]
    case 'tick':
      return false
    case 'end':
      return '2\u00a0min'
  }
}

/** What holds where nothing is said; undefined where something has to be. */
function usualOf(field: Field): string | boolean | undefined {
  if (field.type === 'end') return 'until taken back'
  return field.type === 'amount' ? field.usual : initialOf(field)
}

/** As typed, but for the space around it. */
function settingOf(settings: Settings, name: string): string | boolean {
  const setting = settings[name] ?? ''
  return typeof setting === 'string' ? setting.trim() : setting
}

/** @returns what is wrong with what was typed, by the names of the fields */
export function problemsOf({ fields }: FaultForm, settings: Settings): Readonly<Record<string, string>> {
  const problems: Record<string, string> = {}
  for (const [name, field] of Object.entries(fields)) {
    const problem = problemOf(field, String(settingOf(settings, name)))
    if (problem !== undefined) problems[name] = problem
  }
  return problems
}

function problemOf(field: Field, text: string): string | undefined {
  if (field.type === 'words') return field.pattern.test(text) ? undefined : field.problem
  if (field.type !== 'amount' || text === field.usual) return undefined
  const [least, most] = [field.min, field.max].map((limit) => limit * (field.scale ?? 1))
  const number = numberOf(field, text)
  if (number !== undefined && number >= field.min && number <= field.max) return undefined
  return `a ${field.isWhole ? 'whole ' : ''}number from ${limitWords(least)} to ${limitWords(most)}`
}

const limitWords = (limit = 0): string => formatNumber(limit, String(limit).split('.')[1]?.length ?? 0)

/** In the server’s unit; undefined if the text is no such number. */
function numberOf({ isWhole, scale = 1 }: Amount, text: string): number | undefined {
  if (isWhole) return wholeNumber(text)
  // 0.7 % would be 0.006999999999999999.
  return /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number((Number(text) / scale).toPrecision(12)) : undefined
}

function valueOf(field: Field, setting: string | boolean): string | number | boolean {
  if (field.type === 'end') return endings[String(setting)] ?? 0
  return field.type === 'amount' ? (numberOf(field, String(setting)) ?? 0) : setting
}

/** What is sent; what is usual isn’t said. @param settings without problems */
export function orderOf({ fields }: FaultForm, settings: Settings): Order {
  const order: Record<string, string | number | boolean> = {}
  for (const [name, field] of Object.entries(fields)) {
    const setting = settingOf(settings, name)
    if (setting !== usualOf(field)) order[name] = valueOf(field, setting)
  }
  return order
}

/** The flags by which a container begins with the fault, each with its dashes. @param settings without problems */
export function flagsOf({ fields, flag, flagAfter }: FaultForm, settings: Settings): string[] {
  const flags = flag === undefined ? [] : [`--${flag}`]
  for (const [name, field] of Object.entries(fields)) {
    const setting = settingOf(settings, name)
    const usual = (field.type === 'amount' ? field.flagUsual : undefined) ?? usualOf(field)
    if (field.flag === undefined || setting === usual) continue
    flags.push(setting === true ? `--${field.flag}` : `--${field.flag}=${String(valueOf(field, setting))}`)
  }
  const isAtOnce = flagAfter !== undefined && !flags.some((word) => word.startsWith(`--${flagAfter}`))
  return isAtOnce ? [`--${flagAfter}=1`, ...flags] : flags
}

/** Whether the settings say something that no flag does. */
export const isBeyondFlags = ({ fields }: FaultForm, settings: Settings): boolean =>
  Object.entries(fields).some(
    ([name, field]) => field.flag === undefined && settingOf(settings, name) !== usualOf(field),
  )

/** A container’s arguments in YAML: `args: [--fault-error-share=0.3]`. */
export const argsLine = (flags: readonly string[]): string =>
  `args: [${flags.map((flag) => (/^[\w./=-]+$/.test(flag) ? flag : JSON.stringify(flag))).join(', ')}]`
