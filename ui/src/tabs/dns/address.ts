/** What a user types, where it is an address. */
import type { Question } from './recent.svelte.ts'

const ipv4 = /^\d{1,3}(\.\d{1,3}){3}$/
const ipv6 = /^[\da-f]*:[\da-f:.]*:[\da-f.]*(%.+)?$/i

/** An address has no addresses: what is wanted is the name behind it. */
export const withType = ({ type, name }: Question): Question =>
  (type === 'A' || type === 'AAAA') && (ipv4.test(name) || ipv6.test(name))
    ? { type: 'PTR', name }
    : { type, name }
