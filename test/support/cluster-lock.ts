/** What a cluster has once, and tests have one after another. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atEnd, type Lifetime } from './at-end.ts'

/**
 * Waits until no other test takes a node away from every pod or labels nodes, and keeps them from it until this one ends: two of them
 * would leave no node that takes any, or take each other's labels away.
 */
export const holdNodes = (lifetime: Lifetime): Promise<void> => hold(lifetime, 'nodes')

/** Waits until no other test has registered who serves external metrics, of whom there may be one, and keeps it until this one ends. */
export const holdExternalMetrics = (lifetime: Lifetime): Promise<void> => hold(lifetime, 'external-metrics')

async function hold(lifetime: Lifetime, what: string): Promise<void> {
  // The lock goes with the process that has it, which ends when its input does: also after a SIGKILL of this one.
  const holder = spawn('flock', [join(tmpdir(), `kuard-test-${what}`), 'sh', '-c', 'echo held; cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  atEnd(lifetime, async () => {
    holder.stdin.end()
    if (holder.exitCode === null) await once(holder, 'close')
  })
  await once(holder.stdout, 'data')
}
