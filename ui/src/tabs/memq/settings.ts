/** What a queue keeps to: as the form has it, as it is sent, and in words. */
import type { QueueSettings, QueueStats } from '../../../../server/features/memq/wire.ts'
import { countOf, formatNumber, formatSeconds } from '../../lib/format.ts'
import { wholeNumber } from '../../lib/whole-number.ts'

/** As typed and chosen; empty is no limit. */
export interface SettingTexts {
  maxDeliveries: string
  deadLetter: string
  maxLength: string
  maxAgeSeconds: string
  dropsOldest: boolean
}

const amountText = (amount: number | undefined): string => (amount === undefined ? '' : String(amount))

export const textsOf = (settings: QueueSettings = {}): SettingTexts => ({
  maxDeliveries: amountText(settings.maxDeliveries),
  deadLetter: settings.deadLetter ?? '',
  maxLength: amountText(settings.maxLength),
  maxAgeSeconds: amountText(settings.maxAgeSeconds),
  dropsOldest: settings.overflow === 'drop-oldest',
})

/** @param texts without a fault */
export function settingsOf(texts: SettingTexts): QueueSettings {
  const amount = (name: 'maxDeliveries' | 'maxLength' | 'maxAgeSeconds') => {
    const number = wholeNumber(texts[name])
    return number === undefined ? {} : { [name]: number }
  }
  const limits = { ...amount('maxLength'), ...amount('maxAgeSeconds') }
  return {
    ...amount('maxDeliveries'),
    ...(texts.deadLetter === '' ? {} : { deadLetter: texts.deadLetter }),
    ...limits,
    ...(texts.dropsOldest && Object.keys(limits).length > 0 ? { overflow: 'drop-oldest' as const } : {}),
  }
}

/** The greatest of each that the server takes. */
const most = { maxDeliveries: 1_000, maxLength: 1_000_000_000, maxAgeSeconds: 31_536_000 } as const

/** @returns what is wrong with what was typed, by the names of the fields */
export function faultsOf(
  texts: SettingTexts,
  queue: string,
): Partial<Record<Exclude<keyof SettingTexts, 'dropsOldest'>, string>> {
  const faults: ReturnType<typeof faultsOf> = {}
  for (const name of ['maxDeliveries', 'maxLength', 'maxAgeSeconds'] as const) {
    const fault = texts[name].trim() === '' ? undefined : amountFault(texts[name], 1, most[name])
    if (fault !== undefined) faults[name] = fault
  }
  const [limited, named] = [texts.maxDeliveries.trim() !== '', texts.deadLetter !== '']
  if (limited && !named) faults.deadLetter = 'a dead-letter queue is needed'
  if (named && !limited) faults.maxDeliveries = 'how often is needed'
  if (texts.deadLetter === queue) faults.deadLetter = 'another queue is needed'
  return faults
}

/** @returns what is wrong with a whole number that was typed; undefined if nothing is */
export function amountFault(text: string, least: number, most: number): string | undefined {
  const number = wholeNumber(text)
  return number !== undefined && number >= least && number <= most
    ? undefined
    : `a whole number from ${formatNumber(least)} to ${formatNumber(most)} is needed`
}

/** How many messages may wait, how old they may be, and what comes beyond that; undefined where there is no limit. */
export function limitWords({ maxLength, maxAgeSeconds, overflow }: QueueSettings): string | undefined {
  const limits = [
    ...(maxLength === undefined ? [] : [`holds at most ${countOf(maxLength, 'message')}`]),
    ...(maxAgeSeconds === undefined ? [] : [`none that waits longer than ${formatSeconds(maxAgeSeconds)}`]),
  ]
  if (limits.length === 0) return undefined
  const beyond =
    overflow === 'drop-oldest' ? 'the oldest is dropped' : 'enqueue is refused with 507 until there is room'
  return `${limits.join(', ')}; beyond that ${beyond}`
}

/** By the names of dead-letter queues, the queues whose messages go there. */
export function sourcesOf(queues: readonly QueueStats[]): ReadonlyMap<string, readonly string[]> {
  const sources = new Map<string, string[]>()
  for (const { name, settings } of queues) {
    if (settings?.deadLetter === undefined) continue
    const known = sources.get(settings.deadLetter)
    if (known) known.push(name)
    else sources.set(settings.deadLetter, [name])
  }
  return sources
}
