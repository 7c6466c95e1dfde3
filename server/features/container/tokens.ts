/** The service account tokens that are mounted, by what they claim; never a token itself. */
import { readSmallFile } from '../../host/small-file.ts'
import { claimsIn, type Claims } from '../../kubernetes/token-claims.ts'
import { serviceAccountFolder } from './volume-files.ts'
import type { TokenClaims } from './wire.ts'

/** As many bytes as a request's headers may have in all at an API server, and more than any token. */
const maxBytes = 64 * 1024

/**
 * Reads those that are tokens of service accounts; and whatever is where the pod's own has to be, with what is wrong with it.
 * @param paths of files that may be tokens; null where none can be seen
 */
export async function readTokens(paths: readonly string[] | null): Promise<TokenClaims[] | null> {
  return paths && (await Promise.all(paths.map(readToken))).filter((token) => token !== undefined)
}

async function readToken(path: string): Promise<TokenClaims | undefined> {
  const isOwn = path === `${serviceAccountFolder}/token`
  try {
    const claims = claimsIn((await readSmallFile(path, maxBytes)).trim())
    if (claims?.subject?.startsWith('system:serviceaccount:')) return told(path, claims)
    if (!isOwn) return undefined
    return claims
      ? { ...told(path, claims), problem: 'it is no service account’s' }
      : { ...told(path), problem: 'it is no JSON Web Token' }
  } catch (error) {
    return isOwn ? { ...told(path), problem: (error as Error).message } : undefined
  }
}

/** @param claims none where it can't be read */
const told = (path: string, claims?: Claims): TokenClaims => ({
  path,
  problem: null,
  audience: claims?.audience ?? [],
  issuer: claims?.issuer ?? null,
  subject: claims?.subject ?? null,
  serviceAccount: claims?.serviceAccount ?? null,
  namespace: claims?.namespace ?? null,
  pod: claims?.pod ?? null,
  node: claims?.node ?? null,
  issuedAt: claims?.issuedAt ?? null,
  expiresAt: claims?.expiresAt ?? null,
})
