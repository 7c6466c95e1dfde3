/** How the process leaves when libuv's threads still work: process.exit waits for them, seconds for a key, for ever for a file that hangs. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Between two looks at the threads, in milliseconds. */
const pauseMs = 20

/** What a thread has nearly done is waited for, so that a process leaves as any other where nothing hangs; in milliseconds. */
const nearlyDoneMs = 200

/** What holds a thread, beside keys, which are nobody's resource: files, and names that the C library looks up. */
const threadWork = /^(FSReq|GetAddrInfoReq|GetNameInfoReq)/

/**
 * Ends the process, soon: by becoming a shell that exits with the code, if threads still work. Where it may start no process, as in the image, it waits for the
 * threads until the deadline, and then goes as the kubelet would end it.
 * @param isBusy whether threads work that only their owner knows of
 */
export async function leave(code: number, isBusy: () => boolean, deadline: Promise<unknown>): Promise<never> {
  const threadsWork = () => isBusy() || process.getActiveResourcesInfo().some((name) => threadWork.test(name))
  const idle = async () => {
    while (threadsWork()) await sleep(pauseMs)
  }
  await Promise.race([idle(), sleep(nearlyDoneMs)])
  if (threadsWork()) {
    becomeExit(code)
    await Promise.race([idle(), deadline])
    // As the first process of a container it would be spared.
    if (threadsWork()) process.kill(process.pid, 'SIGKILL')
  }
  process.exit(code)
}

/** Returns where the process may not, or can't, become another. */
export function becomeExit(code: number): void {
  try {
    process.execve?.('/bin/sh', ['sh', '-c', `exit ${code}`], {})
  } catch {
    // Then there are other ways.
  }
}
