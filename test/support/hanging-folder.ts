/** A file system that hangs, as a network's does when its server is gone. */
import { spawnSync } from 'node:child_process'
import { accessSync, closeSync, mkdirSync, openSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { atEnd } from './at-end.ts'

const device = '/dev/fuse'

/** Says why it can't be done here, or false when it can. */
export function whyNoHangingFolder(): string | false {
  try {
    accessSync(device)
    return process.getuid?.() === 0 ? false : 'only root can mount a file system'
  } catch {
    return `a file system that hangs needs ${device}`
  }
}

/**
 * Mounts a file system of which the other end takes no request: whoever looks at it waits until the test ends (fuse(4)).
 * @param folder made for it
 */
export function hangingFolder(context: TestContext, folder: string): string {
  mkdirSync(folder)
  const otherEnd = openSync(device, 'r+')
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0'
  const { stderr } = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'hangs', folder], {
    stdio: ['ignore', 'ignore', 'pipe', otherEnd],
  })
  atEnd(context, () => {
    closeSync(otherEnd)
    spawnSync('umount', ['--lazy', folder])
  })
  if (stderr.length > 0) throw new Error(stderr.toString())
  return folder
}
