/** What this pod's token says of itself, and what the API server allows it. */
import type { SelfSubjectRulesReview } from 'kubernetes-types/authorization/v1.d.ts'
import type { ApiServer } from '../../kubernetes/api-server.ts'
import { readCredentials } from '../../kubernetes/service-account.ts'
import { defined, unlessEmpty } from './object.ts'
import type { Rule, TokenAccess } from './wire.ts'

/** https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access */
const reviewPath = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews'

/** The claims of a token: RFC 7519, section 4.1, and Kubernetes' own. */
interface Claims {
  readonly sub?: string
  readonly aud?: string | readonly string[]
  readonly iss?: string
  /** In seconds since 1970. */
  readonly iat?: number
  readonly exp?: number
  readonly 'kubernetes.io'?: { readonly warnafter?: number }
}

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
  const {
    sub,
    aud = [],
    iss,
    iat,
    exp,
    'kubernetes.io': kubernetes,
  } = claimsIn((await readCredentials()).token)
  return defined({
    subject: sub,
    audience: [aud].flat(),
    issuer: iss,
    issuedAt: timeOf(iat),
    expiresAt: timeOf(exp),
    warnAfter: timeOf(kubernetes?.warnafter),
    rules: [...(status?.resourceRules ?? []), ...(status?.nonResourceRules ?? [])] as Rule[],
    incomplete: status?.incomplete ?? false,
    evaluationError: unlessEmpty(status?.evaluationError),
  })
}

/** Without its signature being checked: it is our own. None for a token that is no JWT. */
function claimsIn(token: string): Claims {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Claims
  } catch {
    return {}
  }
}

const timeOf = (seconds: number | undefined): string | undefined =>
  seconds === undefined ? undefined : new Date(seconds * 1000).toISOString()
