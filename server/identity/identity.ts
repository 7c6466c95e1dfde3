/** Who answers. */
import { hostAddresses } from '../host/interfaces.ts'
import { podNamespace } from '../host/namespace.ts'
import type { Version } from './version.ts'
import type { Identity } from './wire.ts'

/** Who this process is. Addresses are read each time, since an interface may come up late. */
export const identity = (hostname: string, { name, colour }: Version): Identity => ({
  hostname,
  namespace: podNamespace(),
  addresses: hostAddresses(),
  version: name,
  colour,
})
