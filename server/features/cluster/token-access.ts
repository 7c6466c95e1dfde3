/** What this pod's token says of itself, and what the API server allows it. */
import type { SelfSubjectRulesReview } from 'kubernetes-types/authorization/v1.d.ts'
import type { ApiServer } from '../../kubernetes/api-server.ts'
import { readCredentials } from '../../kubernetes/service-account.ts'
import { claimsIn } from '../../kubernetes/token-claims.ts'
import { defined, unlessEmpty } from './object.ts'
import type { Rule, TokenAccess } from './wire.ts'

/** https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access */
const reviewPath = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'

/**
 * Asks for the rules in a namespace; it is a POST that changes nothing.
 * @throws ApiError, and NoServiceAccount without a token
 */
export async function readTokenAccess(
  server: ApiServer,
  namespace: string,
  signal: AbortSignal,
): Promise<TokenAccess> {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectRulesReview',
    spec: { namespace },
  }
  const { status } = await server.json<SelfSubjectRulesReview>(reviewPath, signal, review)
  const claims = claimsIn((await readCredentials()).token)
  return defined({
    subject: claims?.subject,
    audience: claims?.audience ?? [],
    issuer: claims?.issuer,
    issuedAt: claims?.issuedAt,
    expiresAt: claims?.expiresAt,
    warnAfter: claims?.warnAfter,
    rules: [...(status?.resourceRules ?? []), ...(status?.nonResourceRules ?? [])] as Rule[],
    incomplete: status?.incomplete ?? false,
    evaluationError: unlessEmpty(status?.evaluationError),
  })
}
