/** Control groups for tests, made where the machine lets us. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { atEnd } from './at-end.ts'
import { eventually } from './eventually.ts'

/** A control group that is removed with its test. */
export class Cgroup {
  readonly version: 1 | 2
  readonly #folder: string

  constructor(version: 1 | 2, folder: string) {
    this.version = version
    this.#folder = folder
  }

  /** A command that puts the one after it into this group. */
  get under(): readonly string[] {
    return ['sh', '-c', 'echo $$ > "$0" && exec "$@"', join(this.#folder, 'cgroup.procs')]
  }

  /** Moves a process into it. */
  take(pid: number): void {
    this.#write('cgroup.procs', pid)
  }

  /** @param bytes without any swap beside it */
  limitMemory(bytes: number): void {
    const [memory, swap, most] =
      this.version === 1
        ? ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', bytes]
        : ['memory.max', 'memory.swap.max', 0]
    this.#write(memory, bytes)
    if (existsSync(join(this.#folder, swap))) this.#write(swap, most)
  }

  limitCpu(cores: number): void {
    const period = 20_000
    if (this.version === 2) {
      this.#write('cpu.max', `${cores * period} ${period}`)
    } else {
      this.#write('cpu.cfs_period_us', period)
      this.#write('cpu.cfs_quota_us', cores * period)
    }
  }

  /** Ends whatever still runs in it, and removes it. */
  async remove(): Promise<void> {
    await eventually('the control group to be empty', () => {
      for (const pid of readFileSync(join(this.#folder, 'cgroup.procs'), 'utf8').split('\n')) {
        if (pid !== '') kill(Number(pid))
      }
      return removed(this.#folder)
    })
  }

  #write(file: string, value: string | number): void {
    writeFileSync(join(this.#folder, file), String(value))
  }
}

/** A file that a group of the controller has in version 1, where one counts CPU time and another limits it. */
const proofs = { memory: 'memory.limit_in_bytes', cpu: 'cpu.shares', cpuacct: 'cpuacct.usage' } as const

/**
 * Makes a control group; skips the test where that can't be done: it takes root, and a hierarchy that can be changed.
 * @returns undefined when the test was skipped
 */
export function makeCgroup(context: TestContext, controller: keyof typeof proofs): Cgroup | undefined {
  const name = `kuard-test-${process.pid}-${Math.round(performance.now() * 1000)}`
  for (const [version, parent, proof] of [
    [1, `/sys/fs/cgroup/${controller}`, proofs[controller]],
    [2, '/sys/fs/cgroup', `${controller}.max`],
  ] as const) {
    const folder = join(parent, name)
    try {
      if (version === 2) writeFileSync(join(parent, 'cgroup.subtree_control'), `+${controller}`)
      mkdirSync(folder)
    } catch {
      continue
    }
    const group = new Cgroup(version, folder)
    atEnd(context, () => group.remove())
    if (existsSync(join(folder, proof))) return group
  }
  context.skip(`no control group with the ${controller} controller can be made here`)
  return undefined
}

/**
 * A command that puts the one after it into the machine's own group of the memory controller; skips the test where that can't be done.
 * @returns undefined when the test was skipped
 */
export function underMachinesGroup(context: TestContext): readonly string[] | undefined {
  const first = '/sys/fs/cgroup/memory'
  const root = existsSync(first) ? first : '/sys/fs/cgroup'
  const isMachines =
    root === first ? existsSync(`${root}/release_agent`) : !existsSync(`${root}/memory.current`)
  const under = ['sh', '-c', 'echo $$ > "$0" && exec "$@"', `${root}/cgroup.procs`]
  if (isMachines && spawnSync('sh', [...under.slice(1), 'true']).status === 0) return under
  context.skip("no process can be moved to the machine's own group here")
  return undefined
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

function removed(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch {
    return false
  }
}
