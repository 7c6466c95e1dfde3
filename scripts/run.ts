/** Runs other programs for the scripts. */
import { spawnSync } from 'node:child_process'

/** Runs a program with its output on ours; throws if it fails. */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): void {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'], env })
  if (error) throw error
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed`)
}
