/** Why a container ended, in words. */
import type { Container, Pod, Termination } from '../../../server/features/cluster/wire.ts'

/** Those that end a process, by their numbers on Linux: signal(7). */
const signals: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
}
/** A shell and a container runtime add it to the number of the signal that ended a process. */
const signalBase = 128

/** Such as `OOMKilled, exit code 137`, `Error, exit code 143 (SIGTERM)` or `Completed, exit code 0`. */
export function endWords({ reason, exitCode, signal }: Termination): string {
  const name = signals[signal ?? (exitCode ?? 0) - signalBase]
  // Of an OOM kill everybody knows.
  const sign = name === undefined || reason === 'OOMKilled' ? '' : ` (${name})`
  const code = exitCode === undefined ? [] : [`exit code ${String(exitCode)}${sign}`]
  return [...(reason === undefined ? [] : [reason]), ...code].join(', ') || 'ended'
}

interface LastEnd {
  readonly container: Container
  readonly termination: Termination
}

/** How the container ended that ended last: as it is now, or before it was started again; undefined if none has. */
function lastEnd({ containers }: Pick<Pod, 'containers'>): LastEnd | undefined {
  const ends = containers.flatMap((container) => {
    const termination = container.terminated ?? container.lastState
    return termination ? [{ container, termination }] : []
  })
  const when = ({ termination }: LastEnd): string => termination.finishedAt ?? ''
  return ends.sort((one, other) => (when(one) < when(other) ? 1 : -1))[0]
}

/** As `endWords`; with the container's name where the pod has several. */
export function lastEndWords(pod: Pick<Pod, 'containers'>): string | undefined {
  const end = lastEnd(pod)
  if (!end) return undefined
  const name = pod.containers.length > 1 ? `${end.container.name}: ` : ''
  return name + endWords(end.termination)
}
