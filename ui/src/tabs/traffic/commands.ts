/** What the form says, as commands. */
import type { TrafficConfig } from '../../../../server/features/traffic/wire.ts'
import { curl } from '../../lib/curl.ts'
import { shellWord } from '../../lib/shell.ts'

/** What need not be said, since it is so anyway: as server/cli/flags.ts has it. */
export const plain: TrafficConfig = {
  enable: false,
  url: '',
  rate: 10,
  timeToRun: 0,
  numToSend: 0,
  connections: 'new',
  concurrency: 16,
  method: 'GET',
  headers: {},
  body: '',
  timeoutMs: 5000,
  count: '',
  log: 'seconds',
  exitOnComplete: false,
  maxFailures: 0,
}

/** What of the order is other than plain; the rate is always said. */
const saidOf = (order: TrafficConfig): [string, unknown][] =>
  Object.entries(order).filter(
    ([name, value]) =>
      name === 'rate' || JSON.stringify(value) !== JSON.stringify(plain[name as keyof TrafficConfig]),
  )

/** Has this very server send it. */
export const curlCommand = (order: TrafficConfig): string =>
  `${curl('traffic', '-X', 'PUT')} -d ${shellWord(JSON.stringify(Object.fromEntries(saidOf(order))))}`

/** kubectl's words to have another pod send it. @param image of a kuard */
export const runWords = (order: TrafficConfig, image: string): string =>
  [
    `run traffic --image=${shellWord(image)}`,
    ...(order.exitOnComplete ? ['--restart=Never'] : []),
    '--',
    ...saidOf(order).flatMap(([name, value]) => flagsOf(name, value)),
  ].join(' ')

/** Such as `--traffic-rate=10`; a header for each that there is. */
function flagsOf(name: string, value: unknown): string[] {
  if (name === 'headers')
    return Object.entries(value as TrafficConfig['headers']).map(([header, said]) =>
      shellWord(`--traffic-header=${header}: ${said}`),
    )
  const flag = `--traffic-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  return [value === true ? flag : shellWord(`${flag}=${String(value)}`)]
}
