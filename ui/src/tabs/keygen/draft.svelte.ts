/** The KeyGen form as the reader has it, and what of it is sent. */
import type { KeyGenConfig, KeyGenOrder } from '../../../../server/features/keygen/wire.ts'
import { Draft } from '../../lib/draft.svelte.ts'
import { wholeNumber } from '../../lib/whole-number.ts'
import { keyGen } from './keygen.svelte.ts'

/** What can be typed and ticked. */
export interface Settings {
  numToGen: string
  timeToRun: string
  memQServer: string
  memQQueue: string
  exitOnComplete: boolean
  exitCode: string
}

/** What is wrong with each of them. */
export type Faults = Partial<Record<keyof Settings, string>>

/** The form's texts for the server's settings. */
const settingsOf = (config: KeyGenConfig): Settings => ({
  numToGen: String(config.numToGen),
  timeToRun: String(config.timeToRun),
  memQServer: config.memQServer,
  memQQueue: config.memQQueue,
  exitOnComplete: config.exitOnComplete,
  exitCode: String(config.exitCode),
})

/** As the server would say it, before it is asked. */
export function faultsOf(settings: Settings): Faults {
  const { numToGen, timeToRun, memQServer, memQQueue, exitCode } = settings
  const faults: Faults = {}
  if (wholeNumber(numToGen) === undefined) faults.numToGen = 'a whole number of keys; 0 is no limit'
  if (wholeNumber(timeToRun) === undefined) faults.timeToRun = 'a whole number of seconds; 0 is no limit'
  if ((wholeNumber(exitCode) ?? 256) > 255) faults.exitCode = 'a whole number from 0 to 255'
  const [server, queue] = [memQServer.trim(), memQQueue.trim()]
  if (server !== '' && !isServerUrl(server)) faults.memQServer = 'a URL such as http://queue:8080/memq/server'
  else if (server === '' && queue !== '') faults.memQServer = 'a queue needs its server too'
  if (queue === '' && server !== '') faults.memQQueue = 'a server needs the name of a queue too'
  return faults
}

function isServerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return ['http:', 'https:'].includes(protocol) && username + password + search + hash === ''
}

/** What is sent. @param settings without faults */
export const orderOf = (settings: Settings): KeyGenOrder => ({
  enable: true,
  numToGen: wholeNumber(settings.numToGen) ?? 0,
  timeToRun: wholeNumber(settings.timeToRun) ?? 0,
  memQServer: settings.memQServer.trim(),
  memQQueue: settings.memQQueue.trim(),
  exitOnComplete: settings.exitOnComplete,
  exitCode: wholeNumber(settings.exitCode) ?? 0,
})

export const draft = new Draft(keyGen, ({ config }) => settingsOf(config))
