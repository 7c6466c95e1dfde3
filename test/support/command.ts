/** Runs another program to its end. */
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'

/** What came of a command. */
export interface Outcome {
  readonly code: number
  readonly output: string
  readonly errors: string
}

/**
 * Runs a program, whatever its exit code.
 * @param input what it reads on standard input
 * @param limitMs how long it may take, in milliseconds
 * @throws what the system says when it can't be run, or did not end in time
 */
export async function command(
  program: string,
  args: readonly string[],
  { input = '', limitMs = 60_000 } = {},
): Promise<Outcome> {
  const running = promisify(execFile)(program, args, {
    timeout: limitMs,
    cwd: tmpdir(),
    maxBuffer: 64 * 2 ** 20,
  })
  // A program that has no use for its input may end before it has it all.
  running.child.stdin?.on('error', () => undefined).end(input)
  try {
    const { stdout, stderr } = await running
    return { code: 0, output: stdout, errors: stderr }
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: unknown; stdout?: string; stderr?: string }
    if (typeof code !== 'number') throw error
    return { code, output: stdout, errors: stderr }
  }
}
