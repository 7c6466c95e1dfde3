/** Domain names as a user types them, and as they are asked for. */
import { isIP, isIPv4 } from 'node:net'
import { domainToASCII } from 'node:url'
import { nameFault } from '../../text/domain-name.ts'
import { LookupError } from './lookup-error.ts'

const ptr = 12

/**
 * A name as it is sent: letters beyond ASCII as their A-label (RFC 5890), and an address whose PTR record is asked for as the name
 * that stands for it.
 * @throws LookupError when there is no such name
 */
export function nameToAsk(typed: string, type: number): string {
  const name =
    type === ptr && isIP(typed) !== 0
      ? reverseName(typed)
      : /^\p{ASCII}*$/u.test(typed)
        ? typed
        : domainToASCII(typed)
  const fault =
    typed !== '' && name === '' ? 'its letters have no form that a name may have' : nameFault(name)
  if (fault !== undefined) throw new LookupError(`this name can't be asked for: ${fault}`)
  return name
}

/** Below in-addr.arpa (RFC 1035, section 3.5) or ip6.arpa (RFC 3596, section 2.5), with its final dot. */
export function reverseName(address: string): string {
  if (isIPv4(address)) return `${address.split('.').reverse().join('.')}.in-addr.arpa.`
  const [plain = ''] = address.split('%')
  return `${Array.from(hexDigits(plain)).reverse().join('.')}.ip6.arpa.`
}

/** All 32 digits of an IPv6 address. */
function hexDigits(address: string): string {
  // The URL parser turns an IPv4 address at the end into digits.
  const short = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [head = [], tail = []] = short.split('::').map((part) => part.split(':').filter(Boolean))
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail]
  return groups.map((group) => group.padStart(4, '0')).join('')
}
