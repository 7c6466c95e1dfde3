/** What a service account's token claims of itself: RFC 7519, section 4.1, and Kubernetes' own, which bind it to a pod. */

/** Undefined is: not claimed, or not as it has to be. */
export interface Claims {
  readonly subject: string | undefined
  readonly audience: string[]
  readonly issuer: string | undefined
  /** Times as ISO 8601 has them. */
  readonly issuedAt: string | undefined
  readonly expiresAt: string | undefined
  /** When a client that still uses it is warned of, where its life was extended. */
  readonly warnAfter: string | undefined
  readonly namespace: string | undefined
  readonly serviceAccount: string | undefined
  /** The name of the pod that it ends with. */
  readonly pod: string | undefined
  /** The name of that pod's node (Kubernetes 1.30). */
  readonly node: string | undefined
}

/**
 * Reads them without checking the signature: the token is our own.
 * @param token a JSON Web Token
 * @returns undefined for what is none
 */
export function claimsIn(token: string): Claims | undefined {
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token)?.[1]
  const claims = payload === undefined ? undefined : parse(Buffer.from(payload, 'base64url').toString())
  if (!claims) return undefined
  const subject = text(claims.sub)
  // system:serviceaccount:NAMESPACE:NAME, as those of Secrets have it too.
  const [, namespace, serviceAccount] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(subject ?? '') ?? []
  const bound = object(claims['kubernetes.io'])
  return {
    subject,
    audience: [claims.aud].flat().filter((one) => typeof one === 'string'),
    issuer: text(claims.iss),
    issuedAt: time(claims.iat),
    expiresAt: time(claims.exp),
    warnAfter: time(bound.warnafter),
    namespace: text(bound.namespace) ?? namespace,
    serviceAccount: text(object(bound.serviceaccount).name) ?? serviceAccount,
    pod: text(object(bound.pod).name),
    node: text(object(bound.node).name),
  }
}

type Fields = Readonly<Record<string, unknown>>

/** @returns undefined for what is no object in JSON */
function parse(json: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

const object = (value: unknown): Fields => (isObject(value) ? value : {})

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** @param seconds since 1970; a date has at most 8.64e12 of them */
const time = (seconds: unknown): string | undefined =>
  typeof seconds === 'number' && Math.abs(seconds) <= 8.64e12
    ? new Date(seconds * 1000).toISOString()
    : undefined
