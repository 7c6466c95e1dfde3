/** Why something can't be shown, in words. */
import { getSystemErrorMessage } from 'node:util'

/** What kind of reason it is, apart from the words. */
export type Reason = 'unsuitable' | 'forbidden' | 'missing' | 'busy' | 'failed'

/** Something that can't be shown; the message says why. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly reason: Reason

  constructor(reason: Reason, message: string) {
    super(message)
    this.reason = reason
  }
}

const refusals: Readonly<Record<string, readonly [Reason, string]>> = {
  ENOENT: ['missing', 'there is no such file or directory'],
  ENOTDIR: ['missing', 'a part of this path is not a directory'],
  ESRCH: ['missing', 'the process that this told of has ended'],
  EACCES: ['forbidden', 'this server has no permission to read it'],
  EPERM: ['forbidden', 'this server has no permission to read it'],
  ELOOP: ['unsuitable', 'there are too many symbolic links in this path; they may lead in a circle'],
  ENAMETOOLONG: ['unsuitable', 'this path, or a name in it, is longer than the system allows'],
  ENXIO: ['unsuitable', 'there is nothing to be read from it'],
  EMFILE: ['busy', 'this server has too many files open'],
  ENFILE: ['busy', 'this machine has too many files open'],
}

/** An error of the file system in words; anything else as it is. */
export function asRefusal(error: unknown): unknown {
  const { code, errno } = error as NodeJS.ErrnoException
  if (!(error instanceof Error) || code === undefined || errno === undefined) return error
  const [reason, words] = refusals[code] ?? [
    'failed',
    `the system can't read it: ${getSystemErrorMessage(errno)}`,
  ]
  return new Refusal(reason, words)
}
