/** Tests that take a node away from every pod do it one after another: two of them would leave no node that takes any. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atEnd, type Lifetime } from './at-end.ts'

/** Waits until no other test has the nodes, and keeps them until this one ends. */
export async function holdNodes(lifetime: Lifetime): Promise<void> {
  // The lock goes with the process that has it, which ends when its input does: also after a SIGKILL of this one.
  const holder = spawn('flock', [join(tmpdir(), 'kuard-test-nodes'), 'sh', '-c', 'echo held; cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  atEnd(lifetime, async () => {
    holder.stdin.end()
    if (holder.exitCode === null) await once(holder, 'close')
  })
  await once(holder.stdout, 'data')
}
