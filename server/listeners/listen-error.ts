/** Why a port can't be listened on, in words. */

const reasons: Record<string, string> = {
  EADDRINUSE: 'the address is already in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'this port needs a privilege that the process does not have',
  ENOTFOUND: 'the host name is not known',
}

/** Says in plain words why an address can't be listened on. */
export const listenError = (address: string, { code, message }: NodeJS.ErrnoException): Error =>
  new Error(`can't listen on ${address}: ${reasons[code ?? ''] ?? message}`)
