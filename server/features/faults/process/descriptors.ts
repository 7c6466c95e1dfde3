/** What becomes of faults that hold descriptors, when there are no more. */

/** How many are left then, so that the page can still be asked to take the fault back. */
export const descriptorsLeft = 16

/** Why there are no more, for who sees the fault. */
export function noMoreDescriptors({ code, message }: NodeJS.ErrnoException): string {
  if (code !== 'EMFILE') return message
  return `this process may open no more; ${descriptorsLeft} descriptors are left to take this back by`
}
