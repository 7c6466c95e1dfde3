/** Which Pod Security level the container fits, and what stands in the way of a stricter one. */
import type { Identity, PodSecurityLevel, SecurityCheck } from '../../../../server/features/container/wire.ts'
import type { SignState } from '../../parts/state-sign.ts'

/** The strictest last: https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
const levels: readonly PodSecurityLevel[] = ['privileged', 'baseline', 'restricted']

/** How the container stands. */
export interface Standing {
  readonly level: PodSecurityLevel | null
  /** The next level above its own; undefined where there is none, or its own isn't known. */
  readonly stricter: PodSecurityLevel | undefined
  /** What that level would not have. */
  readonly obstacles: readonly SecurityCheck[]
  /** What can't be told from here. */
  readonly unknown: readonly SecurityCheck[]
}

export function standingOf({ level, checks }: Identity['podSecurity']): Standing {
  const stricter = level === null ? undefined : levels[levels.indexOf(level) + 1]
  const isObstacle = (check: SecurityCheck): boolean =>
    stricter !== undefined && check.level !== null && levels.indexOf(check.level) < levels.indexOf(stricter)
  return {
    level,
    stricter,
    obstacles: checks.filter(isObstacle),
    unknown: checks.filter((check) => check.level === null),
  }
}

/** The checks, those first that fit the least strict level; what isn't known comes last. */
export const byLevel = (checks: readonly SecurityCheck[]): SecurityCheck[] =>
  checks.toSorted((one, other) => rankOf(one.level) - rankOf(other.level))

const rankOf = (level: PodSecurityLevel | null): number =>
  level === null ? levels.length : levels.indexOf(level)

/** The sign beside a level: never its colour alone. */
export const levelSign = (level: PodSecurityLevel | null): SignState =>
  level === null ? 'idle' : signs[level]

const signs: Readonly<Record<PodSecurityLevel, SignState>> = {
  privileged: 'bad',
  baseline: 'caution',
  restricted: 'good',
}

/** Who the process is, in a word or two. */
export function userWord({ uid, isRoot, userNamespace }: Identity): string {
  if (isRoot === null && uid === null) return 'unknown user'
  if (isRoot !== true) return uid === null ? 'not root' : `user ${String(uid)}, not root`
  if (!userNamespace) return 'root'
  return userNamespace.isHosts ? 'root, as on the machine' : 'root here, not on the machine'
}
