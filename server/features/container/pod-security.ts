/** Which Pod Security level allows what is found here: https://kubernetes.io/docs/concepts/security/pod-security-standards/, as of 1.34. */
import type { SecurityFacts } from './security-facts.ts'
import {
  checkCapabilities,
  checkEscalation,
  checkPrivileged,
  checkSeccomp,
  checkUser,
} from './security-process.ts'
import {
  checkAppArmor,
  checkHostNamespaces,
  checkProcMount,
  checkRoot,
  checkSeLinux,
  checkUsers,
  checkVolumes,
  unseen,
} from './security-surroundings.ts'
import type { Identity, PodSecurityLevel, SecurityCheck } from './wire.ts'

const levels: readonly PodSecurityLevel[] = ['privileged', 'baseline', 'restricted']

/**
 * Each check tells the strictest level that allows a pod in which it looks as it does here. Pod Security itself looks at the pod's fields,
 * which may be stricter or laxer than what comes of them: the checks say where that can't be seen.
 * @returns as the level that of the laxest check; null where it can't be told whether the container is privileged, which decides all
 */
export function podSecurity(facts: SecurityFacts): Identity['podSecurity'] {
  const privileged = checkPrivileged(facts)
  const checks: SecurityCheck[] = [
    checkUser(facts),
    privileged,
    checkEscalation(facts),
    checkCapabilities(facts),
    checkSeccomp(facts),
    checkAppArmor(facts),
    checkSeLinux(facts),
    ...checkHostNamespaces(facts),
    checkVolumes(facts),
    checkProcMount(facts),
    checkRoot(facts),
    checkUsers(facts),
    ...unseen,
  ]
  const told = new Set(checks.map(({ level }) => level))
  const laxest = levels.find((level) => told.has(level)) ?? null
  return { level: privileged.level === null && laxest !== 'privileged' ? null : laxest, checks }
}
