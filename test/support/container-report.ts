/** What a server tells of its container, and what the kernel says of the same process. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Value } from 'typebox/value'
import { ContainerReport } from '../../server/features/container/wire.ts'
import { command } from './command.ts'
import type { Kuard } from './kuard.ts'

/** Asks for the report. */
export const containerOf = async (kuard: Kuard): Promise<ContainerReport> =>
  (await kuard.get('/container/api')).json(ContainerReport)

/** The levels of the checks of Pod Security, by their names. */
export const levelsIn = ({ identity }: ContainerReport) =>
  Object.fromEntries(identity.podSecurity.checks.map(({ name, level }) => [name, level]))

/** A line of the server's own /proc/PID/status. */
export function statusOf({ child }: Kuard, name: string): string {
  const text = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return new RegExp(`^${name}:[ \\t]*(.*)$`, 'm').exec(text)?.[1] ?? ''
}

/** The report of a server that has a network of its own, which is asked from inside. */
export async function reportFromInside({ child, port }: Kuard): Promise<ContainerReport> {
  const ask = `fetch('http://127.0.0.1:${port}/container/api').then((answer) => answer.text()).then(console.log)`
  const inside = ['--preserve-credentials', '--user', '--net', `--target=${child.pid}`]
  const { output, errors } = await command('nsenter', [...inside, process.execPath, '-e', ask])
  assert.notEqual(output, '', errors)
  return Value.Parse(ContainerReport, JSON.parse(output))
}
