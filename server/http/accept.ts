/** What a client would rather have. */

/** The media type that an Accept header likes best, the first of several (RFC 9110, section 12.5.1). */
export function preferredType(accept = ''): string | undefined {
  const types = accept.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    return { type, weight: weight === undefined ? 1 : Number(weight.slice(2)) }
  })
  return types.sort((one, other) => other.weight - one.weight)[0]?.type
}
