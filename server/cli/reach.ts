/** `--reach`: tries a target once, or until it works, for `kubectl exec` and init containers in an image without curl and nslookup. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Resolver } from '../features/dns/resolver.ts'
import { Reach } from '../features/reach/reach.ts'
import { BadTarget } from '../features/reach/target.ts'
import type { ReachReport, ReachStep } from '../features/reach/wire.ts'
import { readHosts } from '../host/hosts.ts'
import { readResolvConf } from '../host/resolv-conf.ts'
import { printable } from '../text/printable.ts'
import type { Config } from './flags.ts'

/** One try has so long, and the next begins so long after it, in milliseconds. */
const tryMs = 5000
const pauseMs = 1000

/**
 * Tries `--reach`, for `--wait` seconds until it works.
 * @param print takes lines
 * @returns whether it works
 */
export async function reachOnce(
  { reach: target, wait, reachMetadata }: Pick<Config, 'reach' | 'wait' | 'reachMetadata'>,
  env: NodeJS.ProcessEnv,
  print: (text: string) => void,
): Promise<boolean> {
  const resolver = new Resolver({ resolvConf: () => readResolvConf(env), hosts: readHosts })
  const reach = new Reach({
    env,
    resolver: () => Promise.resolve(resolver),
    mayAskMetadata: reachMetadata,
    tracing: undefined,
  })
  try {
    const report = await untilReached(reach, target, wait, print)
    print(inWords(report))
    return report.reached
  } catch (error) {
    if (!(error instanceof BadTarget)) throw error
    print(`${printable(target)} is no target: ${error.message}\n`)
    return false
  }
}

/** Says each time that it ends in another way. @returns the last report */
async function untilReached(
  reach: Reach,
  target: string,
  waitSeconds: number,
  print: (text: string) => void,
): Promise<ReachReport> {
  const start = performance.now()
  const leftMs = () => start + waitSeconds * 1000 - performance.now()
  const nobodyLeaves = new AbortController().signal
  let told = ''
  for (;;) {
    const timeoutMs = waitSeconds === 0 ? tryMs : Math.max(1, Math.min(tryMs, Math.round(leftMs())))
    const report = await reach.reach({ target, timeoutMs }, nobodyLeaves)
    // No time changes what isn't allowed.
    if (report.reached || report.end === 'not allowed' || leftMs() <= pauseMs) return report
    if (report.words !== told) print(`${report.time} waiting: ${printable(report.words)}\n`)
    told = report.words
    await sleep(pauseMs)
  }
}

/** The steps as a table, where it ended, and what that usually means. */
function inWords({ target, steps, words, hints, tls, answer }: ReachReport): string {
  const rows = steps.map(({ at, kind, of, milliseconds, words, outcome }) => [
    `${at.toFixed(1)} ms`,
    kind,
    of,
    `${signs[outcome]} ${words}`,
    `${milliseconds.toFixed(1)} ms`,
  ])
  const certificate = tls?.chain[0]
  const lines = [
    target,
    ...(rows.length === 0 ? [] : table([['from', 'step', 'of', 'outcome', 'took'], ...rows])).map(
      (line) => `  ${line}`,
    ),
    ...(certificate
      ? [`Certificate: ${certificate.subject}, by ${certificate.issuer}, until ${certificate.notAfter}`]
      : []),
    ...(answer?.location == null ? [] : [`Location: ${answer.location}`]),
    words,
    ...hints.map((hint) => `- ${hint}`),
  ]
  return lines.map((line) => `${printable(line)}\n`).join('')
}

const signs: Readonly<Record<ReachStep['outcome'], string>> = {
  done: 'ok:',
  failed: 'failed:',
  'given up': 'given up:',
}

/** Columns as wide as what is in them, the last ragged. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_name, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
