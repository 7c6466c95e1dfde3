/** What the container may use, as far as it doesn't change from second to second. */
import { readCgroup } from '../../host/cgroup.ts'
import type { Allowance } from './wire.ts'

/** Never fails: what can't be read is null. */
export async function readAllowance(): Promise<Allowance> {
  const { cpu, memory } = await readCgroup()
  return {
    qualityOfService: null,
    oomScoreAdj: null,
    qualityOfServiceWhy: 'it isn’t known',
    cpu: { quota: cpu.quota, weight: cpu.weight, shares: cpu.shares, request: null },
    memory: { limit: memory.limit, swapLimit: memory.swapLimit },
    pids: { limit: null },
    hugePages: null,
    openFiles: { soft: null, hard: null },
  }
}
