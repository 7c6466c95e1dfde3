/** The fields that mount a service account’s tokens. */
import type { TokenClaims } from '../../../../../server/features/container/wire.ts'
import { container, fileOf, folderOf, isAccounts, pod, type Fields } from './pod.ts'

/** serviceAccountName and tokens of their own. */
export function tokenFields(tokens: readonly TokenClaims[]): string {
  const own = tokens.find(({ path }) => isAccounts(path))
  const others = tokens.filter(({ path }) => !isAccounts(path))
  return pod({
    serviceAccountName:
      tokens.find(({ serviceAccount }) => serviceAccount !== null)?.serviceAccount ?? undefined,
    automountServiceAccountToken: own !== undefined,
    ...(others.length > 0
      ? {
          containers: container({
            volumeMounts: others.map(({ path }, index) => ({
              name: `token-${String(index + 1)}`,
              mountPath: folderOf(path),
            })),
          }),
          volumes: others.map((token, index) => ({
            name: `token-${String(index + 1)}`,
            projected: { sources: [{ serviceAccountToken: tokenSource(token) }] },
          })),
        }
      : {}),
  })
}

function tokenSource({ path, audience, issuedAt, expiresAt }: TokenClaims): Fields {
  const seconds =
    issuedAt === null || expiresAt === null ? undefined : Date.parse(expiresAt) - Date.parse(issuedAt)
  return {
    path: fileOf(path),
    audience: audience[0],
    expirationSeconds: seconds === undefined ? undefined : Math.round(seconds / 1000),
  }
}
