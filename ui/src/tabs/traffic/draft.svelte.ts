/** The form for traffic as the reader has it, and what of it is sent. */
import type { TrafficConfig } from '../../../../server/features/traffic/wire.ts'
import { Draft } from '../../lib/draft.svelte.ts'
import { wholeNumber } from '../../lib/whole-number.ts'
import { urlOf } from './targets.ts'
import { traffic } from './traffic.svelte.ts'

/** What can be typed, chosen and ticked. */
export interface Settings {
  url: string
  rate: string
  timeToRun: string
  numToSend: string
  connections: TrafficConfig['connections']
  concurrency: string
  method: string
  /** A line for each. */
  headers: string
  body: string
  timeoutMs: string
  count: string
  log: TrafficConfig['log']
  exitOnComplete: boolean
  maxFailures: string
}

/** What is wrong with each of them. */
export type Faults = Partial<Record<keyof Settings, string>>

/** The form's texts for the server's settings. */
const settingsOf = (config: TrafficConfig): Settings => ({
  url: config.url,
  rate: String(config.rate),
  timeToRun: String(config.timeToRun),
  numToSend: String(config.numToSend),
  connections: config.connections,
  concurrency: String(config.concurrency),
  method: config.method,
  headers: Object.entries(config.headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n'),
  body: config.body,
  timeoutMs: String(config.timeoutMs),
  count: config.count,
  log: config.log,
  exitOnComplete: config.exitOnComplete,
  maxFailures: String(config.maxFailures),
})

/** As the server would say it, before it is asked. */
export function faultsOf(settings: Settings): Faults {
  const faults: Faults = {}
  if (urlOf(settings.url) === undefined) faults.url = 'a name such as kuard, or a URL of http or https'
  if (!isBetween(decimal(settings.rate), 0.1, 2000)) faults.rate = '0.1 to 2000'
  if (wholeNumber(settings.timeToRun) === undefined)
    faults.timeToRun = 'a whole number of seconds; 0 is no limit'
  if (wholeNumber(settings.numToSend) === undefined)
    faults.numToSend = 'a whole number of requests; 0 is no limit'
  if (!isBetween(wholeNumber(settings.concurrency), 1, 256))
    faults.concurrency = 'a whole number from 1 to 256'
  if (!/^[A-Za-z]{1,20}$/.test(settings.method.trim())) faults.method = 'a word such as GET or POST'
  if (headersOf(settings.headers) === undefined) faults.headers = 'each line is NAME: VALUE'
  if (!isBetween(wholeNumber(settings.timeoutMs), 1, 60_000))
    faults.timeoutMs = 'a whole number of milliseconds from 1 to 60000'
  if (!/^(?:|body|(?:header|json):.+)$/.test(settings.count.trim()))
    faults.count = 'body, header:NAME or json:FIELD; empty for nothing'
  if (wholeNumber(settings.maxFailures) === undefined) faults.maxFailures = 'a whole number of failures'
  return faults
}

const isBetween = (number: number | undefined, least: number, most: number): boolean =>
  number !== undefined && number >= least && number <= most

const decimal = (text: string): number | undefined =>
  /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : undefined

/** @returns undefined where a line is no header */
function headersOf(text: string): Record<string, string> | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const matches = lines.map((line) => /^\s*([^\s:]+):\s*(.*?)\s*$/.exec(line))
  if (matches.includes(null)) return undefined
  return Object.fromEntries(matches.map((match) => [match?.[1] ?? '', match?.[2] ?? '']))
}

/** What is sent. @param settings without faults; what has one is left at no limit */
export const orderOf = (settings: Settings): TrafficConfig => ({
  enable: true,
  url: urlOf(settings.url) ?? '',
  rate: decimal(settings.rate) ?? 0,
  timeToRun: wholeNumber(settings.timeToRun) ?? 0,
  numToSend: wholeNumber(settings.numToSend) ?? 0,
  connections: settings.connections,
  concurrency: wholeNumber(settings.concurrency) ?? 0,
  method: settings.method.trim().toUpperCase(),
  headers: headersOf(settings.headers) ?? {},
  body: settings.body,
  timeoutMs: wholeNumber(settings.timeoutMs) ?? 0,
  count: settings.count.trim(),
  log: settings.log,
  exitOnComplete: settings.exitOnComplete,
  maxFailures: wholeNumber(settings.maxFailures) ?? 0,
})

export const draft = new Draft(traffic, ({ config }) => settingsOf(config))
