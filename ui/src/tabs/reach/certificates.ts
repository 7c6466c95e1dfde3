/** How long a certificate still holds. */
import type { ReachCertificate } from '../../../../server/features/reach/wire.ts'
import { countOf } from '../../lib/format.ts'

const dayMs = 86_400_000
/** Those that renew certificates do it before this: cert-manager and Let's Encrypt at a third of 90 days. */
const soonDays = 30

/** For a sign. */
export interface Validity {
  readonly state: 'good' | 'caution' | 'bad'
  readonly words: string
}

/** @param now in milliseconds since 1970 */
export function validityOf({ notBefore, notAfter }: ReachCertificate, now: number): Validity {
  const days = (Date.parse(notAfter) - now) / dayMs
  if (days < 0) return { state: 'bad', words: `ended ${countOf(Math.floor(-days), 'day')} ago` }
  const wait = (Date.parse(notBefore) - now) / dayMs
  if (wait > 0) return { state: 'bad', words: `begins in ${countOf(Math.ceil(wait), 'day')}` }
  return { state: days < soonDays ? 'caution' : 'good', words: `${countOf(Math.floor(days), 'day')} left` }
}
